import { expect, test } from '@jest/globals';
import { findOtherSecrets, secretsOf } from '../../src/config/find-other-secrets.js';

test('credentials of other programs are found by names of variables and by passwords in URLs', () => {
  const found = findOtherSecrets(
    {
      NPM_TOKEN: 'npm-7f3a9c21',
      AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI',
      REDIS_URL: 'redis://app:s3cr3t%2Fpart@cache:6379/0',
    },
    new Set(),
  );
  expect(found.sort()).toEqual([
    'npm-7f3a9c21',
    'redis://app:s3cr3t%2Fpart@cache:6379/0',
    's3cr3t/part',
    'wJalrXUtnFEMI',
  ]);
});

test.each([
  ['a password that everybody tries first', { DATABASE_PASSWORD: 'changeme' }],
  ['a URL whose password is its user', { QUEUE_URL: 'amqp://rabbituser:rabbituser@queue' }],
  ['a path', { SSH_AUTH_SOCK: '/run/agent.sock' }],
  ['a number', { MAX_TOKENS: '80000000' }],
  ['a name that only contains the word key', { KEYBOARD: 'qwerty-layout' }],
  ['a URL without a password', { PLAIN_URL: 'https://example.org/path' }],
  ['a value of fewer than 8 characters', { API_TOKEN: 'abc1234' }],
  ["one of Pullwright's own variables", { WEBHOOK_SECRET: 'a-secret-of-ours' }],
])('%s is no credential of another program', (_, variables) => {
  expect(findOtherSecrets(variables, new Set(['WEBHOOK_SECRET']))).toEqual([]);
});

test('a password in a URL is found encoded and decoded', () => {
  const { username, password } = new URL('https://ada:s3cr%2Fet@pkgs.example.org');
  expect(secretsOf({ username, password })).toEqual(['s3cr/et', 's3cr%2Fet']);
  expect(secretsOf({ username: 'postgres', password: 'postgres' })).toEqual([]);
});
