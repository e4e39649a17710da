import { generateKeyPairSync } from 'node:crypto';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hidesSecret } from '../../../src/secrets/old/find-secrets.js';

const bytesOf = (text: string) => Buffer.from(text, 'latin1');
const perByte =
  (write: (byte: number) => string, between = '') =>
  (text: string) =>
    [...bytesOf(text)].map(write).join(between);
const hexOf = (byte: number) => byte.toString(16).padStart(2, '0');
const wrap =
  (width: number, prefix = '') =>
  (text: string) =>
    (text.match(new RegExp(`[\\s\\S]{1,${width}}`, 'g')) ?? []).map((line) => prefix + line).join('\n');

/** What somebody would write a value with, so that nobody finds it. */
const encodings: Record<string, (text: string) => string> = {
  base64: (text) => bytesOf(text).toString('base64'),
  'base64 for URLs': (text) => bytesOf(text).toString('base64url'),
  'base64 over lines': (text) => wrap(20)(bytesOf(text).toString('base64')),
  'base64 in comments': (text) => wrap(40, '// ')(bytesOf(text).toString('base64')),
  'base64 in pieces': (text) => `"${wrap(9)(bytesOf(text).toString('base64')).replaceAll('\n', '" + "')}"`,
  'base64 of UTF-16': (text) => Buffer.from(text, 'utf16le').toString('base64'),
  'base64 of gzip': (text) => gzipSync(bytesOf(text)).toString('base64'),
  'base64 of raw deflate': (text) => deflateRawSync(bytesOf(text)).toString('base64'),
  'base64 of brotli': (text) => brotliCompressSync(bytesOf(text)).toString('base64'),
  'hexadecimal of zlib': (text) => deflateSync(bytesOf(text)).toString('hex'),
  hexadecimal: perByte(hexOf),
  'hexadecimal in capitals': perByte((byte) => hexOf(byte).toUpperCase()),
  'hexadecimal with colons': perByte(hexOf, ':'),
  'hexadecimal numbers': perByte((byte) => `0x${hexOf(byte)}`, ', '),
  'escapes in hexadecimal': perByte((byte) => `\\x${hexOf(byte)}`),
  'escapes of Unicode': perByte((byte) => `\\u00${hexOf(byte)}`),
  'escapes in octal': perByte((byte) => `\\${byte.toString(8).padStart(3, '0')}`),
  'percent signs': perByte((byte) => `%${hexOf(byte)}`),
  'quoted-printable': (text) =>
    wrap(24)(perByte((byte) => `=${hexOf(byte).toUpperCase()}`)(text)).replaceAll('\n', '=\n'),
  entities: perByte((byte) => `&#${byte};`),
  'entities in hexadecimal': perByte((byte) => `&#x${hexOf(byte)};`),
  'decimal numbers': (text) => `String.fromCharCode(${perByte(String, ', ')(text)})`,
  'octal numbers': perByte((byte) => byte.toString(8).padStart(3, '0'), ' '),
  'binary numbers': perByte((byte) => byte.toString(2).padStart(8, '0'), ' '),
  'hexadecimal of raw deflate': (text) => deflateRawSync(bytesOf(text)).toString('hex'),
  base32: (text) => toBase32(bytesOf(text)),
  'base32 in the order of numbers': (text) => toBase32(bytesOf(text), '0123456789abcdefghijklmnopqrstuv'),
  'base32 of Crockford': (text) => toBase32(bytesOf(text), '0123456789ABCDEFGHJKMNPQRSTVWXYZ'),
  ascii85: (text) => `<~${toBase85(bytesOf(text))}~>`,
  uuencode: (text) => toUuencoded(bytesOf(text)),
  rot13: (text) => text.replace(/[a-z]/gi, (char) => rotate(char)),
  backwards: (text) => [...text].reverse().join(''),
};

/** What can only be the last of several. */
const arrangements: Record<string, (text: string) => string> = {
  'as it is': (text) => text,
  'a string in pieces': (text) => `'${wrap(5)(text).replaceAll('\n', "' + '")}'`,
  'strings with names between': (text) =>
    wrap(7)(text)
      .split('\n')
      .map((part, index) => `const part${index} = ${JSON.stringify(part)};`)
      .join('\n'),
  'a sign on each line': (text) => wrap(1)(text),
  'spaces between': (text) => [...text].join(' '),
  'invisible signs between': (text) => [...text].join('\u200b'),
  'letters of other alphabets': (text) =>
    text.replace(/[aceop]/g, (char) => 'асеор'['aceop'.indexOf(char)] ?? char),
  'what chooses how a sign looks': (text) =>
    `\u{1F600}${[...bytesOf(text)].map((byte) => String.fromCodePoint(0xe0100 + byte - 16)).join('')}`,
  'tags that nobody sees': (text) =>
    [...bytesOf(text)].map((byte) => String.fromCodePoint(0xe0000 + byte)).join(''),
  'wide letters': (text) =>
    text.replace(/[a-z0-9]/gi, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0)),
};

const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_';
const value = fc.string({ unit: fc.constantFrom(...alphabet), minLength: 24, maxLength: 48 });
const around = fc.constantFrom(
  '',
  'const a = ',
  '# Title\n\nSome words of a text (and a sign).\n',
  '{"key": "',
);

describe('a live value is found', () => {
  test.each(Object.entries(encodings))('written as %s', (_, encode) => {
    fc.assert(
      fc.property(value, around, around, (live, before, after) => {
        expect(hidesSecret(`${before}${encode(live)}\n${after}`, [live])).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  test.each(Object.entries(arrangements))('arranged as %s', (_, arrange) => {
    fc.assert(
      fc.property(value, around, (live, before) => {
        expect(hidesSecret(`${before}${arrange(live)}\n`, [live])).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  test('written in three layers of any of them', () => {
    const layer = fc.constantFrom(...Object.keys(encodings));
    fc.assert(
      fc.property(value, fc.array(layer, { minLength: 2, maxLength: 3 }), around, (live, layers, before) => {
        const text = layers.reduce((inner, name) => encodings[name]?.(inner) ?? '', live);
        expect(hidesSecret(`${before}${text}\n`, [live])).toBe(true);
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  test('in a dump of a file, and backwards through a compressed one', () => {
    const live = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXA';
    const rows = wrap(16)(`token = ${live};`)
      .split('\n')
      .map((row, index) =>
        `${hexOf(index)}0: ${perByte(hexOf)(row).replace(/(.{4})/g, '$1 ')} ${row}`.padStart(60, '0'),
      );
    expect(hidesSecret(rows.join('\n'), [live])).toBe(true);
    const packed = gzipSync(bytesOf(`${'text '.repeat(500)}${[...live].reverse().join('')}`));
    expect(hidesSecret(packed, [live])).toBe(true);
  });

  test('of a private key: its bytes, half of it, its lines broken anew', () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const body = privateKey.replace(/-----.*-----|\s/g, '');
    for (const text of [
      privateKey,
      Buffer.from(body, 'base64').toString('hex'),
      body.slice(400, 900),
      wrap(13)(body.slice(100)),
      Buffer.from(privateKey).toString('base64'),
    ])
      expect(hidesSecret(text, [privateKey])).toBe(true);
    const other = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC';
    expect(hidesSecret(`key = ${other}`, [privateKey])).toBe(false);
  });
});

test('nothing is found in other people’s code, nor in noise', () => {
  const live = ['Tr0ub4dor3xy', 'k'.repeat(4) + 'h7Zq'.repeat(10)];
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 3000, maxLength: 3000 }), (noise) => {
      const bytes = Buffer.from(noise);
      expect(hidesSecret(bytes, live)).toBe(false);
      expect(hidesSecret(bytes.toString('base64'), live)).toBe(false);
    }),
    { numRuns: 10 },
  );
});

function toBase32(bytes: Buffer, alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => alphabet[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('');
}

function toBase85(bytes: Buffer): string {
  const padded = Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  let text = '';
  for (let at = 0; at < padded.length; at += 4) {
    let word = padded.readUInt32BE(at);
    let group = '';
    for (let digit = 0; digit < 5; digit++, word = Math.floor(word / 85))
      group = String.fromCharCode(33 + (word % 85)) + group;
    text += group;
  }
  return text;
}

function toUuencoded(bytes: Buffer): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 45) {
    const part = bytes.subarray(at, at + 45);
    const sixes = [...Buffer.concat([part, Buffer.alloc(2)])]
      .map((byte) => byte.toString(2).padStart(8, '0'))
      .join('');
    const groups = Math.ceil(part.length / 3) * 4;
    const chars = Array.from({ length: groups }, (_, index) =>
      String.fromCharCode(32 + Number.parseInt(sixes.slice(index * 6, index * 6 + 6).padEnd(6, '0'), 2)),
    );
    lines.push(String.fromCharCode(32 + part.length) + chars.join(''));
  }
  return `begin 644 x\n${lines.join('\n')}\nend\n`;
}

function rotate(char: string): string {
  const first = char < 'a' ? 65 : 97;
  return String.fromCharCode(((char.charCodeAt(0) - first + 13) % 26) + first);
}
