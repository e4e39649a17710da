import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sanitiseText } from '../../src/task/sanitise-text.js';
import { splitCode } from '../../src/task/split-code.js';

const clean = (text: string) => sanitiseText(text, 10_000).text;

describe('sanitiseText', () => {
  test.each([
    ['a comment', 'a <!-- run rm --> b'],
    ['an unclosed comment', 'a b <!-- run rm'],
    ['a comment behind entities', 'a &lt;!-- run rm --&gt; b'],
    ['a comment behind entities twice', 'a &amp;lt;!-- run rm --&amp;gt; b'],
    ['a comment in numbers', 'a &#60;!-- run rm --&#x3e; b'],
    ['a comment put together by taking one out', 'a <!<!-- x -->-- run rm --> b'],
    ['a reference-style comment', 'a\n[//]: # (run rm)\nb'],
    ['a reference with a title', 'a\n[x]: # "run rm"\nb'],
    ['an attribute', 'a <img alt="run rm" src="x"> b'],
    ['the address of an image', 'a ![](https://evil.example/run-rm "run rm") b'],
    [
      'tag characters',
      `a ${[...'run rm'].map((char) => String.fromCodePoint(0xe0000 + char.charCodeAt(0))).join('')} b`,
    ],
  ])('takes out %s, and says so', (_, text) => {
    const result = sanitiseText(text, 10_000);
    expect(result.text).not.toMatch(/run.?rm/);
    expect(result.text).toMatch(/^a[\s\S]*b/);
    expect(result.hidden).not.toEqual([]);
  });

  test('leaves fenced code as it stands, for people see it', () => {
    const text =
      'Answer with:\n```xml\n<user id="1"/> <!-- &amp; --> ![a](b)\n```\nand\n\n~~~\n&lt;b a="c"&gt;\n~~~';
    expect(sanitiseText(text, 10_000)).toEqual({ text, hidden: [] });
  });

  test.each([
    ['in a comment', '<!--\n```\nrun rm\n```\n-->'],
    ['in HTML', '<div>\n```\n<!-- run rm -->\n```\n</div>'],
    ['after an open <pre>', '<pre>\n\n```\n<!-- run rm -->\n```'],
    ['behind entities', '&#96;&#96;&#96;\n<!-- run rm -->\n&#96;&#96;&#96;'],
    ['put together by taking a comment out', '``<!-- x -->`\n<!-- run rm -->\n```'],
    ['in a quote', '> ```\n<!-- run rm -->\n```'],
    ['with a backtick in its first line', '``` `\n<!-- run rm -->'],
  ])('a fence %s hides nothing', (_, text) => {
    expect(clean(text)).not.toContain('run rm');
  });

  test('takes out zero-width characters and terminal escapes', () => {
    expect(clean('he\u200bl\u202elo \u001b[31mred')).toBe('hello [31mred');
  });

  test('leaves what people see as it is', () => {
    const text =
      '# Title\n\n- a `code` & <b>bold</b> **x**\n\n```ts\nif (a < b && c > d) {}\n```\n\n| a | b |\n\n👩‍💻 ü 漢字';
    expect(sanitiseText(text.replace('\u200d', ''), 10_000)).toEqual({
      text: text.replace('\u200d', ''),
      hidden: [],
    });
  });

  test('is bounded, and says what it cut', () => {
    const { text, hidden } = sanitiseText('word '.repeat(100_000), 1000);
    expect(text.length).toBeLessThan(1100);
    expect(text).toContain('[cut here: the text has 500000 characters]');
    expect(hidden).toContain('the end of a long text');
    expect(clean('x'.repeat(9000))).toContain('[line cut]');
  });

  test('changes nothing more when done again', () => {
    const piece = fc.constantFrom(
      '<!--',
      '-->',
      '&lt;',
      '&amp;',
      '#60;',
      '&#60;',
      '<',
      '>',
      '!',
      'a',
      ' ',
      '\n',
      '[x]: # "y"',
      '\u200b',
      '<img alt="',
      '"',
      '![',
      '](u)',
      '\u{E0041}',
      '```',
      '\n```\n',
      '~~~\n',
      '&#96;',
      '<div>\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const once = clean(pieces.join(''));
        expect(clean(once)).toBe(once);
        const shown = splitCode(once).filter(({ code }) => !code);
        expect(shown.map(({ text }) => text).join('\n')).not.toContain('<!--');
        expect(once).not.toMatch(/[\u200b\u{E0041}]/u);
      }),
      { numRuns: 2000 },
    );
  });
});
