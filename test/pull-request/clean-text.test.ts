import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cleanText, codeSpan, oneLine } from '../../src/pull-request/clean-text.js';

describe('cleanText', () => {
  test.each([
    ['a mention', 'ask @octocat or @acme/team', /@[A-Za-z]/],
    [
      'a closing keyword',
      'Fixes #12, closes acme/shop#3, resolved: https://github.com/a/b/issues/1',
      /\b(fixes|closes|resolved):? /i,
    ],
    ['a remote image', '![x](https://evil.example/p.png)', /!\[/],
    ['raw HTML', '<img src=x onerror=y> </details> <!-- pullwright:progress -->', /<[a-z/!]/i],
    ['a command at the start of a line', 'see\n/implement again\n  /stop', /^\s*\/[a-z]/m],
    ['terminal escapes', '\u001b[31mred\u001b]0;title\u0007', /\u001b/],
    ['directional characters', 'a\u202eb', /\u202e/],
  ])('breaks %s', (_, text, acting) => {
    expect(text).toMatch(acting);
    expect(cleanText(text, 1000)).not.toMatch(acting);
  });

  test('does the same inside of code, so that no fence opens a gap', () => {
    expect(cleanText('```\n<img>\n', 1000)).not.toContain('<img');
  });

  test('leaves what people read', () => {
    expect(cleanText('a < b && `c` > d; see #12, mail a@ b', 1000)).toBe(
      'a < b && `c` > d; see #12, mail a@ b',
    );
  });

  test('bounds the length', () => {
    expect(cleanText('x'.repeat(5000), 1000).length).toBeLessThanOrEqual(1000);
  });

  test('changes nothing more when done again', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('@', 'a', '<', '!', '[', '/', '\n', ' ', 'fixes #1', '\u200b', '\u001b['),
        }),
        (text) => {
          const once = cleanText(text, 500);
          expect(cleanText(once, 500)).toBe(once);
        },
      ),
    );
  });

  test('a title that is too long is still one line', () => {
    expect(oneLine(`Accept a|b and ${'x'.repeat(100)}`, 72)).toMatch(/^Accept a\|b and x+…$/);
  });

  test('no name gets out of its code span', () => {
    expect(codeSpan('a`b|c\n<img>')).toBe("`a'b|c <\u200bimg>`");
  });
});
