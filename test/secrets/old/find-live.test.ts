import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { findSecrets, hidesSecret, redactSecrets } from '../../../src/secrets/old/find-secrets.js';
import { measureCpuSeconds } from '../../support/measure-cpu-seconds.js';

/** Drawn by lot once, and of no known kind. */
const live = 'k7Qw9ZxT2bN4vM8cR6yH1jL3pD5sF0gA';
const [first, second] = [live.slice(0, 15), live.slice(15)];
const prose = 'The quick brown fox jumps over the lazy dog, and nobody knows why it would do so.\n';

describe('a live value in pieces is found', () => {
  test.each<[string, string]>([
    ['in two variables', `FIRST=${first}\nSECOND=${second}`],
    ['in comments with code between', `// ${first}\nfoo();\n// ${second}`],
    ['at the ends of lines', `foo(); // ${first}\nbar(); // ${second}`],
    ['in the wrong order', `b = ${second}\n${prose}\na = ${first}`],
    ['in quarters, in any order', [3, 0, 2, 1].map((at) => live.slice(at * 8, at * 8 + 8)).join(` ${prose}`)],
    ['in paths', `src/${first}.js\nsrc/lib/${second}.js`],
    [
      'in short pieces under names',
      `{${[0, 1, 2, 3, 4, 5, 6, 7].map((at) => `"k${at}":"${live.slice(at * 4, at * 4 + 4)}"`).join(',')}}`,
    ],
    ['with a letter that only looks like one', live.replace('c', 'с')],
    [
      'of which each is encoded',
      [first, second].map((one) => `x: ${Buffer.from(one).toString('hex')}`).join('\n\n'),
    ],
  ])('%s', (_, text) => {
    expect(hidesSecret(text, [live])).toBe(true);
  });

  test('and all of its text is withheld', async () => {
    expect(await redactSecrets(`${first}\n\nand\n\n${second}`, [live])).toBe('[withheld]');
  });

  test.each<[string, string, string]>([
    ['the half of it', `FIRST=${live.slice(0, 16)}`, live],
    [
      'words that it is made of',
      'The webhook of the pullwright server, in development',
      'pullwright-development-webhook',
    ],
  ])('and not in %s', (_, text, value) => {
    expect(hidesSecret(text, [value])).toBe(false);
  });
});

describe('padding hides nothing', () => {
  const ascii85 = (text: string) => {
    let written = '';
    for (let at = 0; at < text.length; at += 4) {
      let word = Buffer.from(text.slice(at, at + 4).padEnd(4, '\0')).readUInt32BE();
      let group = '';
      for (let digit = 0; digit < 5; digit++, word = Math.floor(word / 85))
        group = String.fromCharCode(33 + (word % 85)) + group;
      written += group;
    }
    return written;
  };
  const padding = prose.repeat(2000);
  test.each<[string, string]>([
    ['ascii85', `<~${ascii85(live)}~>`],
    ['raw deflate in base64', deflateRawSync(`token = ${live}`).toString('base64')],
    ['base64 in pieces', Buffer.from(live).toString('base64').replace(/.{6}/g, '"$&" +\n')],
    ['base64 backwards', [...Buffer.from(live).toString('base64')].reverse().join('')],
  ])('of %s', (_, text) => {
    for (const large of [`${padding}${text}\n${padding}`, `${text}\n${padding}`, `${padding}${text}`])
      expect(hidesSecret(large, [live])).toBe(true);
  });
});

test('one endless word takes no more than its length', async () => {
  for (const word of ['4f', '0', '\\'])
    expect(
      await measureCpuSeconds(() => findSecrets(`#${word.repeat(120_000 / word.length)}`, [live])),
    ).toBeLessThan(5);
}, 100_000);
