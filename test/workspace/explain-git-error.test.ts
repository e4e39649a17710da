import { expect, test } from '@jest/globals';
import { RunEndedError } from '../../src/runs/outcome.js';
import { RetryLater } from '../../src/runs/retry-later.js';
import { explainGitError } from '../../src/workspace/explain-git-error.js';

const answered = (status: number) =>
  new Error(
    `fatal: unable to access 'https://github.example/a/b.git/': The requested URL returned error: ${status}`,
  );

test('a server error, a rate limit and a lost connection are retried', () => {
  for (const error of [
    answered(502),
    answered(429),
    new Error('fatal: unable to access: Could not resolve host: github.example'),
    new Error('error: RPC failed; curl 56 GnuTLS recv error'),
  ])
    expect(explainGitError(error, 'cloned')).toBeInstanceOf(RetryLater);
});

test('a refusal ends the run with an explanation that names the step', () => {
  const reasonOf = (error: Error) => {
    const explained = explainGitError(error, 'cloned');
    expect(explained).toBeInstanceOf(RunEndedError);
    return explained.message;
  };
  expect(reasonOf(answered(401))).toContain('could not be cloned: GitHub does not accept');
  expect(reasonOf(answered(403))).toContain('GitHub refused (403)');
  expect(reasonOf(answered(404))).toContain('does not exist or that this App cannot access it');
  expect(reasonOf(answered(301))).toContain('was renamed or moved');
  expect(reasonOf(new Error('hint: x\nfatal: something else\n'))).toBe(
    'The repository could not be cloned: fatal: something else.',
  );
});

test('a status counts more than the disconnect that git reports with it', () => {
  const error = new Error(`${answered(403).message}\nsend-pack: unexpected disconnect`);
  expect(explainGitError(error, 'pushed to')).toBeInstanceOf(RunEndedError);
});

test('a full disk of the server is named as such', () => {
  const { message } = explainGitError(new Error('fatal: write error: No space left on device'), 'cloned');
  expect(message).toContain("server's disk is full");
});
