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
    ['an image by reference', 'see ![x][p]\n\n[p]: https://evil.example/p.png', /!\[/],
    ['an image within a link', '[![x](https://evil.example/p.png)](https://evil.example)', /!\[/],
    ['a comment and a fold', 'a <!-- x --> <details><summary>s</summary></details>', /<[a-z/!]/i],
    ['entities that stand for signs', '&#64;octocat &commat;octocat &lt;img&gt; &#x3c;b', /&(?:#|commat|lt)/],
    ['an issue of another repository', 'acme/shop#12, acme#3 and GH-4', /\w#\d|GH-\d/],
    [
      'the address of an issue or a commit of another repository',
      'https://github.com/a/b/issues/1 [x](https://github.com/a/b/pull/2) https://github.com/a/b/commit/abcdef1 www.github.com/a/b/discussions/3',
      /\/(?:issues|pull|commit|discussions)\/\w/,
    ],
    ['a commit of another repository', 'acme/shop@0123456789abcdef0123456789abcdef01234567', /@\w/],
    ['a command to another bot', '@dependabot merge\n/cc @octocat', /@\w|^\/cc/m],
    ['a suggestion', '```suggestion\nx\n```\n> ~~~ suggestion\nx\n~~~', /(?:```|~~~) ?suggestion/],
    ['words that stop checks', '[skip ci] [ci skip] [no ci] [skip actions]', /\[(?:skip|ci|no)/],
    ['more words that stop checks', '***NO_CI***\nskip-checks: true', /\*NO_CI|^skip-checks/m],
    [
      'trailers that name other authors',
      'Co-authored-by: Eve <e@evil.example>\n Signed-off-by: Eve',
      /^ *(?:Co-authored|Signed-off)-by:/m,
    ],
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

  test('is quick, whatever it is given', () => {
    const started = performance.now();
    for (const piece of [
      '[no',
      'www.',
      'https://',
      '@',
      '/issues/',
      'a-by',
      '-a',
      ' ',
      '\n',
      '`',
      '<!',
      '&#',
      '#1',
    ])
      cleanText(piece.repeat(30_000), 1000);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('bounds the length', () => {
    expect(cleanText('x'.repeat(5000), 1000).length).toBeLessThanOrEqual(1000);
  });

  test('changes nothing more when done again', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(
            ...['@', 'a', '<', '!', '[', ']', '/', '#1', 'GH-1', '&', 'lt;', '```', 'suggestion', '\n', ' '],
            ...['fixes #1', 'https://x/issues/', '1', 'skip ', 'no', 'Signed-off-by:', '\u200b', '\u001b['],
          ),
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
