import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sanitizeText } from '../../src/text/sanitize.js';
import { renderVisibleText } from '../support/render-visible-text.js';

/* These hold for every text: bounds, and that sanitizing it again changes nothing. */

const clean = (text: string) => sanitizeText(text, 10_000).text;

test('a long text and a long line are cut with a note', () => {
  const { text, hidden } = sanitizeText('word '.repeat(100_000), 1000);
  expect(text.length).toBeLessThanOrEqual(1000);
  expect(text).toContain('[cut here: the text has 500000 characters]');
  expect(hidden).toEqual(['the end of a long text']);
  expect(clean(text)).toBe(text);
  expect(clean('x'.repeat(9000))).toMatch(/^x{5000} \[line cut\]$/);
  expect(sanitizeText('x\n'.repeat(5000), 40_000).hidden).toEqual(['the end of a long text']);
});

describe('a text that would take long to parse is withheld with a note', () => {
  test.each([
    ['brackets', '[a]'.repeat(20_000)],
    ['quotes within quotes', '> '.repeat(20_000)],
    ['lists within a line', `${'- '.repeat(150)}a`],
    ['lists within lists', Array.from({ length: 150 }, (_, depth) => `${'  '.repeat(depth)}- a\n`).join('')],
    ['footnotes within footnotes', '[^1]: '.repeat(200)],
  ])('%s', (_, text) => {
    const result = sanitizeText(text, 100_000);
    expect(result.text).toMatch(/^\[withheld: /);
    expect(result.hidden).toEqual(['a text that takes too long to parse']);
    expect(clean(result.text)).toBe(result.text);
  });
});

test('brackets in code do not count, so such a text is not withheld', () => {
  const text = `\`\`\`json\n${'[[1, 2], [3, 4]],\n'.repeat(1000)}\`\`\``;
  expect(sanitizeText(text, 40_000)).toEqual({ text, hidden: [] });
});

describe('a text of random pieces', () => {
  const piece = fc.constantFrom(
    ...[
      '<!--',
      '-->',
      '--!>',
      '<!-->',
      '<?',
      '?>',
      '<!X',
      '<![CDATA[',
      ']]>',
      '</ ',
      '<',
      '>',
      '!',
      '=',
      "'",
      '"',
    ],
    ...['<div>\n', '</div>\n', '<pre>\n', '</pre>', '<template>', '</template>', '<style>', '</style>'],
    ...['<title>', '</title>', '<textarea>', '<script>', '</script>', '<rp>', '</rp>', '<svg>', '</svg>'],
    ...['<p title="', '<img alt="', '<b hidden>', '</b>', '<source>', '\v', '\f', '\ufeff', '\u2028'],
    ...['&lt;', '&amp;', '#60;', '&#60;', '&#96;', '&zwj;', '\u200b', '\u200d', '\u{E0041}', '\u00a0'],
    ...['$', '$$', '\\', 'a', ' ', '[x]: #', '[x]', ' "', '![', ']', '](', ')', '[', '(', '[^1]', '[^1]: '],
    ...['| ', '|\n|-|\n', 'www.a.b/', '```', '\n```\n', '~~~\n', '`', '``', 'js ', '```mermaid\n'],
    ...['> ', '- ', '1. ', '    ', '\t', '\n---\n', '# ', '[hidden text removed, 5 characters]'],
    ...Array<string>(14).fill('run rm'),
    ...Array<string>(6).fill('\n'),
    ...Array<string>(4).fill('\n\n'),
  );
  // The same texts each time; other seeds and more runs are for those who look for more.
  const sameEachTime = { numRuns: 1500, seed: 20_261_128 };
  const text = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));
  const countWords = (from: string) => from.replace(/\s+/g, ' ').match(/run rm/g)?.length ?? 0;

  test('keeps nothing that its page does not show, except names in tags', () => {
    fc.assert(
      fc.property(text, (raw) => {
        const names = raw.match(/<\/?run \S+( \S+)?/g) ?? [];
        const shown = countWords(renderVisibleText(raw)) + countWords(names.join('\n\n'));
        expect(countWords(clean(raw))).toBeLessThanOrEqual(shown);
      }),
      sameEachTime,
    );
  });

  test('does not change when it is sanitized again', () => {
    fc.assert(
      fc.property(text, (raw) => {
        const once = clean(raw);
        expect(clean(once)).toBe(once);
        expect(once).not.toMatch(/[\u200b\u{E0041}]/u);
      }),
      sameEachTime,
    );
  });
});
