import { expect, test } from '@jest/globals';
import { createLog } from '../src/log.js';

function collect(secrets: readonly string[]) {
  const lines: string[] = [];
  const log = createLog('info', secrets, { write: (line) => lines.push(line) });
  return { log, lines };
}

test('a line is JSON with the name of its level and the time', () => {
  const { log, lines } = collect([]);
  log.warn({ run: 'r1' }, 'a step waits');
  log.debug('not shown');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { level: 'warn', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/), run: 'r1', msg: 'a step waits' },
  ]);
});

test('a secret is redacted in messages, in nested objects and in errors', () => {
  const secret = 'pass"word\n1234';
  const { log, lines } = collect([secret]);
  const cause = new Error(`cannot connect with ${secret}`);
  log.info({ deep: { list: [secret] } }, `key ${secret}`);
  log.error({ err: new Error('failed', { cause }) }, 'request failed');
  log.child({ key: secret }).info('from a child');
  expect(lines).toHaveLength(3);
  for (const line of lines) {
    expect(line).toContain('[redacted]');
    expect(line).not.toContain('1234');
    JSON.parse(line);
  }
});

test.each([
  ['a GitHub token', 'ghs_0123456789abcdefABCD'],
  ['a GitHub App token', 'ghs_12_eyJhbGciOi.eyJpc3Mi.c2ln-_'],
  ['a fine-grained token', 'github_pat_0123456789abcdefABCDE'],
  ['a Claude key', 'sk-ant-api03-0123456789abcdef'],
  ['an access token of Google', 'ya29.c.0123456789abcdefABCD_-'],
])('%s is redacted, whoever it belongs to', (_, token) => {
  const { log, lines } = collect([]);
  log.info(`found ${token} here`);
  expect(lines[0]).toContain('"msg":"found [redacted] here"');
});

test('a secret that contains another secret is redacted whole', () => {
  const { log, lines } = collect(['hunter22', 'postgres://app:hunter22@db']);
  log.info('to postgres://app:hunter22@db');
  expect(lines[0]).toContain('"msg":"to [redacted]"');
});

test('short values and common words stay readable', () => {
  const { log, lines } = collect(['abc', '']);
  log.info('abc and ghs_short');
  expect(lines[0]).toContain('"msg":"abc and ghs_short"');
});

test('a secret that the process learns while it runs is redacted from then on', () => {
  const lines: string[] = [];
  const learned: string[] = [];
  const log = createLog('info', [], { write: (line) => lines.push(line) }, () => learned);
  log.info('token-of-a-session');
  learned.push('token-of-a-session');
  log.info('token-of-a-session');
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['token-of-a-session', '[redacted]']);
});
