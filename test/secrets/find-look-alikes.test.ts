import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { secretLintProfiler } from '@secretlint/profiler';
import { createRandom } from '../../bench/random.js';
import { findSecrets, redactSecrets } from '../../src/secrets/find-secrets.js';
import { fillTemplate } from './fill-template.js';

const fill = (template: string) => fillTemplate(template, createRandom(10));
const token = fill('ghp_{{random 36}}');
const rsaKey = fill(
  '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA{{base64 48}}\n{{base64 64}}\n{{base64 64}}\n{{base64 20}}\n-----END RSA PRIVATE KEY-----',
);

describe('a look-alike', () => {
  test('is reported by its kind and place, never by its value', async () => {
    const text = `const token = '${token}';\n`;
    expect(await findSecrets(text, [])).toEqual([
      { kind: 'look-alike', name: 'a GitHub token', start: 15, end: 15 + token.length },
    ]);
  });

  test.each([
    ['a GitHub token', 'ghs_123456_{{jwt {"iss":"github"} 340}}'],
    ['a Claude API key', 'ANTHROPIC_API_KEY=sk-ant-api03-{{base64url 93}}AA'],
    ['an AWS access key', 'AKIA{{base32 16}}'],
    ['a password, token or key in a setting', 'aws_secret_access_key = {{base64 40}}'],
    ['a Stripe key', "stripe.setApiKey('sk_live_{{random 24}}');"],
    ['a URL with a password', 'redis://:{{random 20}}@cache.corp.io:6379'],
    ['a URL with a password', 'amqps://worker:{{random 20}}@rabbit.corp.io/jobs'],
    [
      'a connection string with a password',
      'jdbc:postgresql://db.corp.io/app?user=app&password={{random 14}}',
    ],
    ['a password for HTTP', 'Authorization: Basic {{basic deploy:{{random 16}}}}'],
    ['a password for HTTP', '{ "auth": "{{basic ci:{{random 20}}}}" }'],
    ['a password, token or key in a setting', 'DB_PASSWORD={{random 16}}'],
    ['a private key', rsaKey],
  ])('is called %s', async (name, template) => {
    expect(await findSecrets(fill(template), [])).toMatchObject([{ kind: 'look-alike', name }]);
  });

  test('is redacted without the text around it', async () => {
    expect(await redactSecrets(fill('postgres://app:{{random 16}}@db.corp.io:5432/app'), [])).toBe(
      'postgres://app:[redacted]@db.corp.io:5432/app',
    );
    expect(await redactSecrets(`Before.\n\n${rsaKey}\n\nBehind.`, [])).toBe(
      'Before.\n\n[redacted]\n\nBehind.',
    );
    expect(await redactSecrets(fill('aws_secret_access_key = {{base64 40}} # prod'), [])).toBe(
      'aws_secret_access_key = [redacted] # prod',
    );
  });

  test.each([
    ['indented', (pem: string) => pem.replace(/^/gm, '    ')],
    ['in JSON', (pem: string) => JSON.stringify({ key: pem })],
    ['in a quote', (pem: string) => pem.replace(/^/gm, '> ')],
    ['without its end', (pem: string) => pem.replace(/-----END[\s\S]*/, '')],
  ])('leaves no line of a private key that is written %s', async (_, write) => {
    const redacted = await redactSecrets(`Before.\n\n${write(rsaKey)}\n\nBehind.`, []);
    expect(rsaKey.split('\n').filter((line) => !line.startsWith('-') && redacted.includes(line))).toEqual([]);
    expect(redacted).toMatch(/^Before\.[\s\S]*\[redacted\][\s\S]*Behind\.$/);
  });

  test('is not found again in a text that was redacted', async () => {
    const text = await redactSecrets(fill(`DB_PASSWORD={{random 16}}\ntoken: ${token}`), []);
    expect(await findSecrets(text, [])).toEqual([]);
  });
});

describe('comments of Secretlint', () => {
  const lines = [
    ['// secretlint-disable-next-line', `const a = '${token}';`, 'const b = 1;'],
    [`const a = '${token}'; // secretlint-disable-line`],
    ['// secretlint-disable', `const a = '${token}';`],
    ['// secretlint-disable-next-line', fill('DB_PASSWORD={{random 20}}')],
  ];

  test('apply only if the caller allows them', async () => {
    for (const text of lines.map((some) => some.join('\n'))) {
      expect(await findSecrets(text, [])).toHaveLength(1);
      expect(await findSecrets(text, [], { obeyComments: true })).toEqual([]);
    }
  });

  test('never apply to an active secret', async () => {
    for (const text of lines.slice(0, 3).map((some) => some.join('\n')))
      expect(await findSecrets(text, [token], { obeyComments: true })).toMatchObject([{ kind: 'active' }]);
  });

  test('have no effect on an empty text', async () => {
    expect(await findSecrets('', [], { obeyComments: true })).toEqual([]);
  });
});

describe('a long text', () => {
  const line = 'const total = items.reduce((sum, item) => sum + item.price, 0);\n';

  test('is searched completely, including where its windows meet', async () => {
    const windowLength = 256 * 1024;
    for (const at of [
      0,
      windowLength - 20,
      windowLength + 10,
      windowLength + 32 * 1024 - 20,
      3 * windowLength + 64 * 1024 - 20,
    ]) {
      const text = `${'x '.repeat(at / 2)}${token} ${line.repeat(10_000)}`;
      expect(await findSecrets(text, [])).toEqual([
        { kind: 'look-alike', name: 'a GitHub token', start: at, end: at + token.length },
      ]);
    }
  });

  test('does not block other work of the process', async () => {
    let turns = 0;
    let isDone = false;
    const others = (async () => {
      for (; !isDone; turns++) await turn();
    })();
    await findSecrets(line.repeat(40_000), []);
    isDone = true;
    await others;
    expect(turns).toBeGreaterThanOrEqual(8);
  });

  test('that takes too long to search counts as a look-alike from there on', async () => {
    const text = line.repeat(10_000);
    const name = 'a part that could not be searched for credentials in time';
    expect(await findSecrets(text, [], { deadlineMs: -1 })).toEqual([
      { kind: 'look-alike', name, start: 0, end: text.length },
    ]);
  });
});

test('a search leaves no measurements of Secretlint behind', async () => {
  await findSecrets(token, []);
  expect(await secretLintProfiler.getEntries()).toEqual([]);
});
