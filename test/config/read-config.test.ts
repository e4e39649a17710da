import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { environment } from '../../src/config/environment.js';
import { ConfigError, readConfig } from '../../src/config/read-config.js';
import { listSettings } from '../../src/config/setting.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const pem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString();
const good = {
  APP_ID: '12',
  PRIVATE_KEY: pem,
  WEBHOOK_SECRET: 'a-secret-of-enough-length',
  ANTHROPIC_API_KEY: 'sk-ant-x',
};

function faultsOf(variables: Record<string, string>): string[] {
  try {
    readConfig(variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

test('the four required variables are enough, and everything else has a default', () => {
  expect(readConfig(good)).toMatchObject({
    appId: 12,
    apiUrl: 'https://api.github.com',
    webUrl: 'https://github.com',
    host: '0.0.0.0',
    port: 3000,
    databaseUrl: null,
    webhookProxyUrl: undefined,
    models: { default: 'sonnet', priceFile: null, unpriced: 'refuse', effort: null },
    labels: { backend: 'backend-developer' },
    repositoryAgents: { allowed: false, tools: null },
    protectedPaths: [],
    budget: { turns: 80, tokens: 8_000_000, dollars: 5, minutes: 60, extension: 0.25 },
    limits: {
      user: { atOnce: 10, runs: 50, tokens: null, dollars: null },
      repository: { atOnce: 20, runs: 100, tokens: null, dollars: null },
      server: { atOnce: null, runs: 200, tokens: null, dollars: 200 },
    },
    sandbox: {
      ...{ backend: 'bubblewrap', image: null, engine: null, toolPaths: [], memoryMb: 4096 },
      ...{ processes: 2048, diskMb: 10_240, files: 1_000_000, outputMb: 32, commandMinutes: 60 },
    },
    egress: { mode: 'registries', recommended: true, allow: [], requestable: [], deniedRepositories: [] },
  });
});

test('the settings cannot be changed after they were read', () => {
  const config = readConfig(good);
  for (const part of [config, config.budget, config.sandbox, config.limits.user, config.labels])
    expect(Object.isFrozen(part)).toBe(true);
});

test('times are converted to milliseconds', () => {
  const config = readConfig({
    ...good,
    MODEL_IDLE_TIMEOUT_SECONDS: '0.5',
    MODEL_REPLY_TIMEOUT_MINUTES: '1.5',
    WORKER_DEAD_AFTER_SECONDS: '3',
    QUESTION_REMIND_HOURS: '2',
    QUESTION_CLOSE_DAYS: '1.5',
  });
  expect(config).toMatchObject({
    modelIdleTimeoutMs: 500,
    modelReplyTimeoutMs: 90_000,
    workerDeadAfterMs: 3000,
    questionRemindMs: 7_200_000,
    questionCloseMs: 129_600_000,
  });
});

test('lists are read into the shape of their items', () => {
  const config = readConfig({
    ...good,
    PULLWRIGHT_LABELS: 'api = backend-developer, type=ui=painter',
    LIMITS_USER: 'runs=3, dollars=7.5',
    EGRESS_ALLOW: 'Pkgs.Example.org, acme/*=*.example.org:8443',
    EGRESS_REQUESTABLE: 'more.example.org:80',
    EGRESS_DENIED_REPOSITORIES: 'acme/secret, vault/*',
    REPOSITORY_AGENTS: 'allow',
    REPOSITORY_AGENT_TOOLS: 'Read, Grep',
  });
  expect(config).toMatchObject({
    labels: { api: 'backend-developer', 'type=ui': 'painter' },
    limits: { user: { atOnce: null, runs: 3, tokens: null, dollars: 7.5 } },
    egress: {
      allow: [
        { repository: null, host: 'pkgs.example.org', port: 443 },
        { repository: 'acme/*', host: '*.example.org', port: 8443 },
      ],
      requestable: [{ host: 'more.example.org', port: 80 }],
      deniedRepositories: ['acme/secret', 'vault/*'],
    },
    repositoryAgents: { allowed: true, tools: ['Read', 'Grep'] },
  });
});

test('all faults are reported at the same time, one line each', () => {
  expect(faultsOf({ SANDBOX: 'container', PORT: 'http' })).toEqual([
    expect.stringMatching(/^APP_ID: expected .+; it is not set$/),
    expect.stringMatching(/^WEBHOOK_SECRET: expected .+; it is not set$/),
    'PORT: expected a port, 0 to 65535; found "http"',
    expect.stringMatching(/^ANTHROPIC_API_KEY: expected .+; neither is set$/),
    expect.stringMatching(/^PRIVATE_KEY or PRIVATE_KEY_PATH: expected .+; neither is set$/),
    expect.stringMatching(/^SANDBOX_IMAGE: expected .+; it is not set$/),
  ]);
});

test.each([
  ['APP_ID', '1.5'],
  ['GHE_HOST', 'https://ghe.example.org'],
  ['GHE_PROTOCOL', 'ssh'],
  ['PORT', '70000'],
  ['PULLWRIGHT_CONCURRENCY', '0'],
  ['MAX_CI_FIX_RUNS', '-1'],
  ['SANDBOX', 'chroot'],
  ['SANDBOX_DISK_MB', '-1'],
  ['SANDBOX_FILES', '-1'],
  ['SANDBOX_OUTPUT_MB', '1e999'],
  ['SANDBOX_COMMAND_MINUTES', '-1'],
  ['BUDGET_DOLLARS', '-1'],
  ['BUDGET_MINUTES', 'Infinity'],
  ['LOG_LEVEL', 'loud'],
])('%s=%s is one fault that names the variable and quotes its value', (name, value) => {
  expect(faultsOf({ ...good, [name]: value })).toEqual([
    expect.stringMatching(new RegExp(`^${name}: expected .+; found "${value}"$`)),
  ]);
});

test.each([
  ['PULLWRIGHT_LABELS', 'api=painter, backend', 'backend'],
  ['LIMITS_USER', 'runs=5, dollars=0', 'dollars=0'],
  ['LIMITS_SERVER', 'hours=5', 'hours=5'],
  ['EGRESS_ALLOW', 'pkgs.example.org, http://x', 'http://x'],
  ['EGRESS_REQUESTABLE', 'acme/shop=x.example', 'acme/shop=x.example'],
  ['EGRESS_DENIED_REPOSITORIES', 'acme', 'acme'],
])('%s=%s is a fault that quotes the wrong item only', (name, value, item) => {
  const [fault, ...others] = faultsOf({ ...good, [name]: value });
  expect(fault).toMatch(new RegExp(`^${name}: expected .+, separated by commas; found "`));
  expect(fault).toContain(`found "${item}"`);
  expect(others).toEqual([]);
});

test.each(['development', 'changeme', 'short', 'secret'])(
  'the webhook secret %j is refused because anybody could guess it',
  (secret) => {
    expect(faultsOf({ ...good, WEBHOOK_SECRET: secret })).toHaveLength(1);
  },
);

test.each(['DATABASE_URL', 'ANTHROPIC_BASE_URL', 'WEBHOOK_PROXY_URL'])(
  'a fault in %s does not show the URL, which may contain a password',
  (name) => {
    expect(faultsOf({ ...good, [name]: 'mysql://app:hunter22@db' })).toEqual([
      expect.stringMatching(new RegExp(`^${name}: expected .+ URL.*; found a value of 23 characters$`)),
    ]);
  },
);

test('a fault never shows a webhook secret or a private key', () => {
  const faults = faultsOf({ ...good, WEBHOOK_SECRET: 'tiny-sc', PRIVATE_KEY: 'not-a-key-at-all' });
  expect(faults).toHaveLength(2);
  expect(faults.join('\n')).not.toMatch(/tiny-sc|not-a-key/);
});

test('every variable with the name of a credential or a URL is kept out of messages', () => {
  const open = listSettings(environment).filter(({ isSecret }) => !isSecret);
  const suspicious = /KEY$|SECRET|URL|PASSWORD|(?<!BUDGET_)TOKEN/;
  expect(open.map(({ variable }) => variable).filter((variable) => suspicious.test(variable))).toEqual([]);
});

test('a limit per day that is below the budget of one run is a fault', () => {
  expect(faultsOf({ ...good, LIMITS_USER: 'dollars=4', LIMITS_SERVER: 'tokens=9' })).toEqual([
    'LIMITS_USER: expected at least 6.25 dollars (BUDGET_DOLLARS and BUDGET_EXTENSION_PERCENT, the most that one run may use); found 4',
    'LIMITS_SERVER: expected at least 10000000 tokens (BUDGET_TOKENS and BUDGET_EXTENSION_PERCENT, the most that one run may use); found 9',
  ]);
});

test('GHE_HOST and GHE_PROTOCOL give the URLs of a GitHub Enterprise Server', () => {
  const config = readConfig({ ...good, GHE_HOST: 'ghe.example.org:8080', GHE_PROTOCOL: 'http' });
  expect(config).toMatchObject({
    apiUrl: 'http://ghe.example.org:8080/api/v3',
    webUrl: 'http://ghe.example.org:8080',
  });
});

test('a private key may be base64, or have \\n for its newlines', () => {
  expect(readConfig({ ...good, PRIVATE_KEY: Buffer.from(pem).toString('base64') }).privateKey).toBe(pem);
  expect(readConfig({ ...good, PRIVATE_KEY: pem.replaceAll('\n', '\\n') }).privateKey).toBe(pem);
});

test('a private key may come from a file, and a file without one is a fault', async () => {
  const folder = await createTemporaryFolder();
  try {
    const file = path.join(folder.path, 'key.pem');
    const { PRIVATE_KEY: _, ...others } = good;
    expect(faultsOf({ ...others, PRIVATE_KEY_PATH: file })).toEqual([
      expect.stringMatching(/^PRIVATE_KEY_PATH: expected a readable file; ENOENT.*key\.pem/),
    ]);
    await writeFile(file, pem);
    expect(readConfig({ ...others, PRIVATE_KEY_PATH: file }).privateKey).toBe(pem);
    await writeFile(file, 'nothing');
    expect(faultsOf({ ...others, PRIVATE_KEY_PATH: file })).toEqual([
      'PRIVATE_KEY_PATH: expected a PEM private key; found none',
    ]);
  } finally {
    await folder.remove();
  }
});

test('an empty variable counts as not set', () => {
  expect(readConfig({ ...good, DATABASE_URL: '', PORT: '' })).toMatchObject({
    databaseUrl: null,
    port: 3000,
  });
});

test('containers need an image', () => {
  expect(faultsOf({ ...good, SANDBOX: 'container' })).toHaveLength(1);
  const container = { SANDBOX: 'container', SANDBOX_IMAGE: 'tools:1', SANDBOX_ENGINE: 'podman' };
  const { sandbox } = readConfig({ ...good, ...container, DOCKER_HOST: 'unix:///d.sock' });
  expect(sandbox).toMatchObject({
    backend: 'container',
    image: 'tools:1',
    engine: 'podman',
    engineEnvironment: { DOCKER_HOST: 'unix:///d.sock' },
  });
});
