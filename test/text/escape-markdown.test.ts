import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { escapeMarkdown } from '../../src/text/escape-markdown.js';

describe('escapeMarkdown', () => {
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
    ['an issue behind a backslash', String.raw`acme/shop\#12, GH\-4 and acme\\#3`, /\w\\*#\d|GH\\-\d/],
    ['an issue in emphasis', '_GH-4_', /GH-\d/],
    ['the address of an issue without a scheme', '[x](//github.com/a/b/issues/1)', /\/issues\/\w/],
    ['the path of an issue in a link', '[x](/a/b/issues/1)', /\/issues\/\w/],
    ['the address of an issue without a link', 'github.com/a/b/pull/1', /\/pull\/\w/],
    ['the address of an issue in per cent signs', 'https://github.com/a/b/%69ssues/1', /ssues\/\w/],
    ['a slash in per cent signs', 'https://github.com/a/b/issues%2f1', /issues%2f\w/],
    ['the number of an issue in per cent signs', 'https://github.com/a/b/issues/%31', /issues\/[\w%]/],
    ['two slashes before an issue', 'https://github.com/a/b/issues//1', /issues\/+\w/],
    [
      'backslashes in an address',
      String.raw`[x](https://github.com/a/b\/issues\/1) https://github.com\a\b\pull\2`,
      /issues[\\/]+\w|pull[\\/]+\w/,
    ],
    ['entities with digits', '&frac12; &there4;', /&(?:frac|there)/],
    ['a suggestion in a list', '1. ```suggestion\nx\n```\n10) ~~~suggestion', /(?:```|~~~)suggestion/],
    ['a suggestion behind a backslash', '```\\suggestion\nx\n```', /```\\suggestion/],
    ['a suggestion for some lines', '- > ``` suggestion:-0+9', /``` suggestion/],
    ['a diagram and a formula', '```mermaid\nx\n```\n~~~ math', /(?:```|~~~) ?(?:mermaid|math)/],
    ['formulas', '$$\\rlap{x}$$ and $`x`$', /\$[$`]/],
    ['an alert', '[!CAUTION]\nx\n> [!note]\n> [\\!TIP]', /\[\\?!/],
    ['the definition of a link', 'x\n\n- [withheld]: https://evil.example', /^- \[withheld]:/m],
    ['a footnote, which stands below all else', 'x[^1]\n\n> [^1]: # Forged', /^> \[\^1]:/m],
    ['commands to bots without a slash', 'bors r+\nbors: try\nretest this please', /bors:? |^retest/m],
    ['a command behind an exclamation mark', 'x\n!merge', /^!m/m],
    ['a trailer that names a release', 'Release-As: 9.0.0', /^Release-As:/m],
    ['words that stop checks, with an underscore', '[skip_ci]', /\[skip/],
    ['line ends of other systems', 'a\u2028/merge\u0085/merge\u000b/merge', /[\n\u2028\u0085\u000b]\/m/],
    ['what shows nothing', 'a\u034f\u115f\u1160\u3164\ufe00\ufe0f\uffa0\u2800\u{e0100}', /a./u],
  ])('breaks %s', (_, text, acting) => {
    expect(text).toMatch(acting);
    expect(escapeMarkdown(text)).not.toMatch(acting);
  });

  test.each([
    ...[
      'Fixes #12',
      'FIXES:#12',
      'fix#12',
      'Closed - #12',
      'Resolves\u00a0#12',
      'resolve:\n#12',
      'Closes issue #12',
    ],
    ...[String.raw`Fixes \#12`, String.raw`Fixes acme/shop\#12`, String.raw`Fixes GH\-4`, 'fixed gh-4'],
    ...[
      'Fixes **#12**',
      '**Fixes** #12',
      '_Fixes_ #12',
      'Fi**xes** #12',
      'Fixes [#12](x)',
      'Fixes (#12)',
      'Fixes `#12`',
    ],
    ...['Fixes [acme/shop#12](x)', 'Closes https://github.com/a/b/issues/1', 'Closes [https://x](y)'],
    ...['Duplicate of #12', 'duplicate  of: #12', 'Closing #12', 'Implements #12', 'Fi\u00adxes #12'],
  ])('breaks the keyword of %j', (text) => {
    const spelled = /(?:fix|clos|resolv|implement|duplicate)/i;
    expect(text.replace(/[*\u00ad]/g, '')).toMatch(spelled);
    expect(escapeMarkdown(text).replaceAll('*', '')).not.toMatch(spelled);
  });

  test('keeps a keyword that names no issue, as in titles', () => {
    for (const text of ['fix(api): take an empty list (see #12)', 'Closes the file. See #12', 'prefixes #12'])
      expect(escapeMarkdown(text)).toBe(text);
  });

  test('escapes inside of code as well', () => {
    expect(escapeMarkdown('```\n<img>\n')).not.toContain('<img');
  });

  test('keeps what people read', () => {
    expect(escapeMarkdown('a < b && `c` > d; see #12, mail a@ b')).toBe(
      'a < b && `c` > d; see #12, mail a@ b',
    );
  });

  test('escaping twice changes nothing more', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(
            ...['@', 'a', '<', '!', '[', ']', '/', '#1', 'GH-1', '&', 'lt;', '```', 'suggestion', '\n', ' '],
            ...['fixes #1', 'https://x/issues/', '1', 'skip ', 'no', 'Signed-off-by:', '\u200b', '\u001b['],
          ),
        }),
        (text) => {
          const once = escapeMarkdown(text);
          expect(escapeMarkdown(once)).toBe(once);
        },
      ),
    );
  });
});
