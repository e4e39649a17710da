import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findSecrets, holdsActiveSecret, redactSecrets } from '../../src/secrets/find-secrets.js';

/** Drawn at random once, and of no known kind. */
const secret = 'k7Qw9ZxT/2bN4vM8cR6yH+1jL3pD5sF0gA';
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

const base64 = (text: string) => Buffer.from(text).toString('base64');
const hex = (text: string) => Buffer.from(text).toString('hex');
const wrap = (text: string, width: number) => text.replace(new RegExp(`.{${width}}`, 'g'), '$&\n');

/** The forms of active secrets. What stands around the secret is encoded with it. */
const forms: Record<string, (secret: string, before: string, after: string) => string> = {
  'as it is': (text) => text,
  'in JSON': (text) => JSON.stringify({ token: text }),
  reversed: (text) => [...text].reverse().join(''),
  'in base64': (text, before, after) => base64(`${before}${text}${after}`),
  'in base64 for URLs': (text, before, after) =>
    Buffer.from(`${before}${text}${after}`).toString('base64url'),
  'in base64 with line breaks': (text, before, after) => wrap(base64(`${before}${text}${after}`), 76),
  'in hexadecimal': (text, before, after) => hex(`${before}${text}${after}`),
  'in hexadecimal capitals': (text) => hex(text).toUpperCase(),
  'in the path of a URL': (text) => encodeURIComponent(text),
  'in the query of a URL': (text) => new URLSearchParams({ token: text }).toString(),
  'in percent signs': (text) => hex(text).replace(/../g, '%$&'),
  'over two lines': (text) => `${text.slice(0, 9)}\n    ${text.slice(9)}`,
  'with invisible characters in between': (text) => [...text].join('\u200b'),
  'in UTF-16': (text) => Buffer.from(text, 'utf16le').toString('latin1'),
};

describe('an active secret is found and redacted', () => {
  test.each(Object.entries(forms))('%s', async (_, write) => {
    for (const before of ['', 'a', 'ab', 'abc']) {
      const text = `Before it.\n${write(secret, before, 'z')}\nBehind it.`;
      expect(holdsActiveSecret(text, [secret])).toBe(true);
      expect(await findSecrets(text, [secret])).toMatchObject([{ kind: 'active' }]);
      const redacted = await redactSecrets(text, [secret]);
      expect(redacted).toMatch(/^Before it\.\n[\s\S]*\[redacted\][\s\S]*\nBehind it\.$/);
      expect(holdsActiveSecret(redacted, [secret])).toBe(false);
    }
  });

  test('in any form at any place of any text, and redaction leaves none', async () => {
    const anySecret = fc
      .string({ unit: 'binary', minLength: 8, maxLength: 60 })
      .map((text) => text.toWellFormed())
      .filter((text) => text.replace(/[\s\p{Cc}\p{Default_Ignorable_Code_Point}]/gu, '').length >= 8);
    const anyText = fc.string({ unit: 'binary', maxLength: 200 }).map((text) => text.toWellFormed());
    const anyWay = fc.constantFrom(...Object.entries(forms).filter(([name]) => !/UTF-16|line/.test(name)));
    await fc.assert(
      fc.asyncProperty(anySecret, anyWay, anyText, anyText, async (value, [, write], before, after) => {
        const text = `${before}${write(value, before, after)}${after}`;
        expect(holdsActiveSecret(text, ['another-secret', value])).toBe(true);
        const redacted = await redactSecrets(text, ['another-secret', value]);
        expect(holdsActiveSecret(redacted, ['another-secret', value])).toBe(false);
      }),
      { numRuns: 400, seed: 10 },
    );
  });

  test('in the bytes of a binary file', () => {
    const bytes = Buffer.concat([
      Buffer.from([0xff, 0xd8, 0xc3]),
      Buffer.from(secret),
      Buffer.from([0, 0xfe]),
    ]);
    expect(holdsActiveSecret(bytes, [secret])).toBe(true);
  });

  test('as often as it occurs, and only it', async () => {
    const text = `token=${secret}; again ${secret}${secret}.`;
    expect(await redactSecrets(text, [secret])).toBe('token=[redacted]; again [redacted][redacted].');
  });

  test('before a look-alike at the same place', async () => {
    const token = `ghs_${'aZ8Qw7Xc2VbN4mK9Rt6Yh1Jd5Lp3Sf0Gu'.repeat(2).slice(0, 36)}`;
    expect(await findSecrets(token, [])).toMatchObject([{ kind: 'look-alike' }]);
    expect(await findSecrets(token, [token])).toMatchObject([
      { kind: 'active', start: 0, end: token.length },
    ]);
  });
});

describe('of an active private key', () => {
  const lines = privateKey.trim().split('\n').slice(1, -1);

  test('each line is found, plain and in base64', () => {
    for (const line of lines.slice(0, -1)) {
      expect(holdsActiveSecret(`const part = '${line}';`, [privateKey])).toBe(true);
      expect(holdsActiveSecret(base64(`x${line}`), [privateKey])).toBe(true);
    }
  });

  test.each([
    ['as it is', (pem: string) => pem],
    ['indented', (pem: string) => pem.replace(/^/gm, '    ')],
    ['in JSON', (pem: string) => JSON.stringify({ key: pem })],
    ['as one word of base64', (pem: string) => base64(pem)],
    ['in base64 with line breaks', (pem: string) => wrap(base64(pem), 76)],
    ['on one line', (pem: string) => pem.replace(/-----[^-]*-----|\s/g, '')],
    ['with other line breaks', (pem: string) => wrap(pem.replace(/-----[^-]*-----|\s/g, ''), 50)],
  ])('nothing is left when it is written %s', async (_, write) => {
    const redacted = await redactSecrets(`Before it.\n\n${write(privateKey)}\n\nBehind it.`, [privateKey]);
    expect(holdsActiveSecret(redacted, [privateKey])).toBe(false);
    const left = redacted.replace(/-----[^-]*-----|\[redacted\]/g, '').replace(/[^A-Za-z0-9+/]/g, '');
    // Only the last, short line of a key can be left.
    expect(left.length).toBeLessThan(100);
  });

  test('the header alone is not a secret', () => {
    expect(holdsActiveSecret('-----BEGIN RSA PRIVATE KEY-----', [privateKey])).toBe(false);
  });
});

describe('no active secret is found', () => {
  test.each([
    ['in a part of one', secret.slice(0, 16), secret],
    ['where the secret is too short to tell', 'const short = "abc";', 'abc'],
    ['where there is none', '', ''],
  ])('%s', (_, text, value) => {
    expect(holdsActiveSecret(text, [value])).toBe(false);
  });
});
