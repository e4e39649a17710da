import { describe, expect, test } from '@jest/globals';
import { secretLintProfiler } from '@secretlint/profiler';
import fc from 'fast-check';
import { findSecrets, redactSecrets } from '../../../src/secrets/old/find-secrets.js';
import { isPlaceholder } from '../../../src/secrets/old/is-placeholder.js';

// Put together here, so that no scanner takes this file for a leak.
const example = {
  aws: ['AKIA', 'IOSFODNN7EXAMPLF'].join(''),
  slack: ['xoxb', '123456789012', '1234567890123', 'abcdefghijklmnopqrstuvwx'].join('-'),
  github: `ghp_${'a1B2'.repeat(9)}`,
  githubNew: `ghs_12345_${'eyJh.bGci-Oi_J'.repeat(30)}`,
  key: [
    '-----BEGIN RSA PRIVATE KEY-----',
    'MIIEpAIBAAKCAQEA'.repeat(4),
    '-----END RSA PRIVATE KEY-----',
  ].join('\n'),
};
const live = 'a live+value/with?odd chars';

describe('findSecrets', () => {
  test.each(Object.entries(example))('finds a credential of the kind %s', async (_, value) => {
    expect(await findSecrets(`const x = "${value}";\n`, [])).not.toEqual([]);
  });

  test('finds a live value once, where it is', async () => {
    expect(await findSecrets(`x = "${live}"`, [live])).toEqual([
      { start: 5, end: 5 + live.length, what: 'a credential of this installation' },
    ]);
  });

  test('finds a live value in base64 wherever it stands in the encoded text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), async (before, after) => {
        const encoded = Buffer.from(before + live + after).toString('base64');
        expect(await findSecrets(encoded, [live])).not.toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  const urlOf = (host: string, password: string) =>
    `url = "${['postgres', `//admin:${password}@${host}:5432/app`].join(':')}"`;

  test.each([
    ['localhost', 'Tr0ub4dor3'],
    ['127.0.0.1', 'Tr0ub4dor3'],
    ['db.example.com', 'Tr0ub4dor3'],
    ['db', 'password'],
    ['db', 'admin'],
  ])('takes a URL that opens nothing for none: at %s with %s', async (host, password) => {
    expect(await findSecrets(urlOf(host, password), [])).toEqual([]);
  });

  test.each([
    ['db.corp.io', 'Tr0ub4dor3'],
    ['localhost.corp.io', 'Tr0ub4dor3'],
    ['db', 'Tr0ub4dor3'],
  ])('finds the password of a URL that may open something: at %s', async (host, password) => {
    expect(await findSecrets(urlOf(host, password), [])).not.toEqual([]);
  });

  test('leaves plain code alone', async () => {
    expect(
      await findSecrets("const token = process.env.GITHUB_TOKEN;\nconst password = 'secret';\n", [live]),
    ).toEqual([]);
  });
});

test('a database whose password is a word of every backend has no secret to withhold', () => {
  expect(isPlaceholder('postgres', 'postgres')).toBe(true);
  expect(isPlaceholder('pullwright', 'pullwright')).toBe(true);
  expect(isPlaceholder('Tr0ub4dor3', 'postgres')).toBe(false);
});

describe('redactSecrets', () => {
  test('takes every credential out, and nothing else', async () => {
    const text = await redactSecrets(`a ${live} b ${example.github} c`, [live]);
    expect(text).toBe('a [withheld] b [withheld] c');
  });

  test('takes out the whole word that a piece of a long value stands in', async () => {
    const long = 'q7Xc'.repeat(5) + 'Wm29'.repeat(5) + 'aZ0p'.repeat(5);
    expect(await redactSecrets(`see x${long.slice(20, 44)}y there`, [long])).toBe('see [withheld] there');
  });

  test('takes out the paragraph where the place is not known, and leaves the others', async () => {
    const hidden = Buffer.from(Buffer.from(live).toString('base64')).toString('hex');
    expect(await redactSecrets(`First.\n\nSee ${hidden} here.\n\nLast.`, [live])).toBe(
      'First.\n\n[withheld]\n\nLast.',
    );
  });

  test('takes out everything where the pieces are in several paragraphs', async () => {
    const codes = [...live].map((char) => char.charCodeAt(0));
    const text = `${codes.slice(0, 10).join(',')}\n\nand\n\n${codes.slice(10).join(',')}`;
    expect(await redactSecrets(text, [live])).toBe('[withheld]');
  });
});

test('leaves no measurement behind, however often it looks', async () => {
  for (let look = 0; look < 20; look++) await findSecrets('nothing to see', []);
  expect(await secretLintProfiler.getEntries()).toEqual([]);
});
