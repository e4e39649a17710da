import { AnthropicError } from '@anthropic-ai/sdk';
import { describe, expect, test } from '@jest/globals';
import { hasNoCredentials, isCredentialServiceDown } from '../../../src/model/providers/credential-faults.js';

/** Creates the error of an SDK that got no credentials, with the error of the provider's library in it. */
function fault(cause: Error): AnthropicError {
  const error = new AnthropicError('Failed to resolve AWS credentials from the credential provider chain.');
  error.cause = cause;
  return error;
}
const withFields = (fields: object) => Object.assign(new Error('no'), fields);

describe('a fault of the service that gives credentials passes', () => {
  test.each<[string, Error]>([
    ['a refused connection', withFields({ code: 'ECONNREFUSED' })],
    ['an unknown name', new Error('fetch failed', { cause: withFields({ code: 'EAI_AGAIN' }) })],
    ['a silent service', withFields({ code: 'UND_ERR_HEADERS_TIMEOUT' })],
    ['a timeout', withFields({ name: 'TimeoutError' })],
    ["a status of Google's library", withFields({ status: 503 })],
    ["a status of AWS's library", withFields({ $metadata: { httpStatusCode: 500 } })],
    ["a status of Azure's library", withFields({ statusCode: 429 })],
  ])('%s', (_, cause) => {
    expect(hasNoCredentials(fault(cause))).toBe(true);
    expect(isCredentialServiceDown(fault(cause))).toBe(true);
  });
});

describe('a fault of the configuration does not pass', () => {
  test.each<[string, Error]>([
    ['no credentials at all', new Error('Could not load credentials from any providers')],
    ['a missing file', withFields({ code: 'ENOENT' })],
    ['a refused key', withFields({ status: 400, code: 'invalid_grant' })],
  ])('%s', (_, cause) => {
    expect(isCredentialServiceDown(fault(cause))).toBe(false);
  });
});
