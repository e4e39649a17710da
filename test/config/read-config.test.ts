import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { ConfigError, readConfig } from '../../src/config/read-config.js';

const pem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString();
const good = {
  APP_ID: '12',
  PRIVATE_KEY: pem,
  WEBHOOK_SECRET: 'a-secret-of-enough-length',
  ANTHROPIC_API_KEY: 'sk-ant-x',
};

function faultsOf(environment: Record<string, string>): string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

test('the least that is needed is enough', () => {
  const config = readConfig(good);
  expect(config).toMatchObject({
    appId: 12,
    apiUrl: 'https://api.github.com',
    webUrl: 'https://github.com',
    port: 3000,
  });
  expect(config.labels).toEqual({ backend: 'backend-developer' });
  expect(Object.isFrozen(config.budget)).toBe(true);
});

test('every fault is named at once, a line each', () => {
  const faults = faultsOf({});
  for (const name of ['APP_ID', 'PRIVATE_KEY', 'WEBHOOK_SECRET', 'ANTHROPIC_API_KEY'])
    expect(faults.some((fault) => fault.startsWith(name) && /expected/.test(fault))).toBe(true);
});

test.each(['development', 'changeme', 'short', 'secret'])('the webhook secret %j is refused', (secret) => {
  expect(faultsOf({ ...good, WEBHOOK_SECRET: secret })).toHaveLength(1);
});

test('GHE_HOST and GHE_PROTOCOL give the addresses of a GitHub Enterprise Server', () => {
  const config = readConfig({ ...good, GHE_HOST: 'ghe.example.org:8080', GHE_PROTOCOL: 'http' });
  expect(config).toMatchObject({
    apiUrl: 'http://ghe.example.org:8080/api/v3',
    webUrl: 'http://ghe.example.org:8080',
  });
});

test.each([
  ['GHE_HOST', 'https://ghe.example.org'],
  ['PORT', '70000'],
  ['PULLWRIGHT_LABELS', 'backend'],
  ['PULLWRIGHT_CONCURRENCY', '0'],
  ['MAX_CI_FIX_RUNS', '-1'],
  ['SANDBOX', 'chroot'],
  ['DATABASE_URL', 'mysql://x'],
  ['BUDGET_DOLLARS', '-1'],
  ['LOG_LEVEL', 'loud'],
])('%s=%s is one fault that names it', (name, value) => {
  const faults = faultsOf({ ...good, [name]: value });
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(new RegExp(`^${name}: expected .+; (found|what is set)`));
});

test('a fault never shows a secret', () => {
  const faults = faultsOf({ ...good, WEBHOOK_SECRET: 'tiny-secret', PRIVATE_KEY: 'not-a-key-at-all' });
  expect(faults.join('\n')).not.toMatch(/tiny-secret|not-a-key/);
});

test('a private key may come in base64, or with \\n for its newlines', () => {
  expect(readConfig({ ...good, PRIVATE_KEY: Buffer.from(pem).toString('base64') }).privateKey).toBe(pem);
  expect(readConfig({ ...good, PRIVATE_KEY: pem.replaceAll('\n', '\\n') }).privateKey).toBe(pem);
});

test('an empty variable counts as not set', () => {
  expect(readConfig({ ...good, DATABASE_URL: '', PORT: '' })).toMatchObject({
    databaseUrl: null,
    port: 3000,
  });
});

test('what the environment holds for others is secret too, when its name or its URL says so', () => {
  const { otherSecrets } = readConfig({
    ...good,
    NPM_TOKEN: 'npm-7f3a9c21',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI',
    REDIS_URL: 'redis://app:s3cr3t%2Fpart@cache:6379/0',
    DATABASE_PASSWORD: 'changeme',
    SSH_AUTH_SOCK: '/run/agent.sock',
    BUDGET_TOKENS: '80000000',
    KEYBOARD: 'qwerty-layout',
    PLAIN_URL: 'https://example.org/path',
  });
  expect([...otherSecrets].sort()).toEqual([
    'npm-7f3a9c21',
    'redis://app:s3cr3t%2Fpart@cache:6379/0',
    's3cr3t/part',
    'wJalrXUtnFEMI',
  ]);
});

test('containers need an image, and the sandbox’s limits have sane defaults', () => {
  expect(faultsOf({ ...good, SANDBOX: 'container' })).toEqual([
    expect.stringMatching(/^SANDBOX_IMAGE: expected the image/),
  ]);
  expect(
    readConfig({ ...good, SANDBOX: 'container', SANDBOX_IMAGE: 'tools:1', SANDBOX_ENGINE: 'podman' }).sandbox,
  ).toMatchObject({
    ...{ backend: 'container', image: 'tools:1', engine: 'podman', memoryMb: 4096, processes: 2048 },
    ...{ diskMb: 10_240, files: 1_000_000, outputMb: 32, commandMinutes: 60 },
  });
  for (const name of ['SANDBOX_DISK_MB', 'SANDBOX_FILES', 'SANDBOX_OUTPUT_MB', 'SANDBOX_COMMAND_MINUTES'])
    expect(faultsOf({ ...good, [name]: '-1' })).toHaveLength(1);
});
