import { expect, test } from '@jest/globals';
import { explainGitHubError } from '../../src/github/explain-github-error.js';

const now = new Date('2026-01-01T00:00:00Z');

function graphqlError(type: string | undefined, message: string, headers: Record<string, string> = {}) {
  return Object.assign(new Error(`Request failed due to following response errors:\n - ${message}`), {
    name: 'GraphqlResponseError',
    errors: [{ ...(type && { type }), message }],
    headers,
  });
}

test.each([
  ['NOT_FOUND', "Could not resolve to a node with the global id of 'x'"],
  ['FORBIDDEN', 'Resource not accessible by integration'],
  [undefined, "Field 'nope' doesn't exist on type 'Query'"],
])('a refusal of GraphQL (%s) is an error and not retried', (type, message) => {
  const explained = explainGitHubError(graphqlError(type, message), 'answer the review', now);
  expect(explained).toMatchObject({ name: 'RunEndedError' });
  expect(explained.message).toContain(`GitHub refused a request to answer the review: ${message}`);
});

test.each([
  ['RATE_LIMITED', 'API rate limit exceeded', { 'retry-after': '7' }, 7000],
  [undefined, 'Something went wrong while executing your query.', {}, null],
])('a temporary error of GraphQL (%s) is retried', (type, message, headers, afterMs) => {
  expect(explainGitHubError(graphqlError(type, message, headers), 'answer', now)).toMatchObject({
    name: 'RetryLater',
    afterMs,
  });
});
