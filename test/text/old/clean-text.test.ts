import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cleanLine, cleanText, codeSpan, oneLine, quoted, said } from '../../../src/text/old/clean-text.js';

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
    ['a drawing and a formula', '```mermaid\nx\n```\n~~~ math', /(?:```|~~~) ?(?:mermaid|math)/],
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
    expect(cleanText(text, 1000)).not.toMatch(acting);
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
    expect(cleanText(text, 1000).replaceAll('*', '')).not.toMatch(spelled);
  });

  test('leaves a keyword that says nothing of an issue, as titles have it', () => {
    for (const text of ['fix(api): take an empty list (see #12)', 'Closes the file. See #12', 'prefixes #12'])
      expect(cleanText(text, 1000)).toBe(text);
  });

  test('does the same inside of code, so that no fence opens a gap', () => {
    expect(cleanText('```\n<img>\n', 1000)).not.toContain('<img');
  });

  test('leaves what people read', () => {
    expect(cleanText('a < b && `c` > d; see #12, mail a@ b', 1000)).toBe(
      'a < b && `c` > d; see #12, mail a@ b',
    );
  });

  test.each([
    ...[
      'fix ',
      'fix-',
      `fix${'-'.repeat(180)}`,
      'duplicate ',
      '#1',
      '\\#1',
      '\\',
      '\\`',
      'gh-',
      '@',
      '&#',
      '&a',
    ],
    ...[
      '[no',
      '[',
      '](',
      '](  ',
      '[!',
      '- [',
      '<!',
      '!',
      '$',
      '***',
      'www.',
      'https://',
      '//',
      '/issues/',
      '/%69ssues',
      '%2f',
    ],
    ...[
      '`',
      '```',
      '``` ',
      'a `',
      '~',
      '# ',
      '=',
      '> ',
      '1. ',
      'bors ',
      'test this',
      'a-by',
      '-a',
      '\u001b[',
      '\u200b',
    ],
    ...[' ', '\t', '\n', '\r', '\n>', '\n\n', ' \n'],
  ])('is quick, whatever it is given: %j', (piece) => {
    const text = piece.repeat(Math.ceil(150_000 / piece.length));
    const started = performance.now();
    cleanText(text, 1000);
    cleanLine(text, 200_000);
    quoted(text, 200_000);
    said(text, 200_000);
    expect(performance.now() - started).toBeLessThan(4000);
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

describe('cleanLine', () => {
  test.each(['# x', '> x', '~~~~', '```', '- x', '1. x', '===', '| a |', '+ x'])(
    'begins no block: %j',
    (text) => {
      expect(text).toMatch(/^[#>~`=|+-]|^1\./);
      expect(cleanLine(text, 100)).not.toMatch(/^[#>~`=|+-]|^1\./);
    },
  );

  test.each([
    ['a `b` and `c', "a `b` and 'c"],
    ['a ``b` c', "a ''b' c"],
    [String.raw`a \` b \``, 'a ` b `'],
    ['a `b` and ``c ` d``', 'a `b` and ``c ` d``'],
  ])('leaves no code span open in %j', (text, closed) => {
    expect(cleanLine(text, 100)).toBe(closed);
  });
});

describe('quoted', () => {
  test('reads well: lists, code, links as they were, and headings as bold lines', () => {
    const text =
      'Adds `x`.\n\n## Why\n\n- one\n- two, see [docs](https://example.com/x)\n\n```sh\n# install\nnpm ci\n```\n\nEnd\n---\nof it';
    expect(quoted(text, 1000)).toBe(
      '> Adds `x`.\n>\n> **Why**\n>\n> - one\n> - two, see [docs](https://example.com/x)\n>\n> ```sh\n> # install\n> npm ci\n> ```\n>\n> End\n>\n> of it',
    );
  });

  test.each(['\n', '\r', '\u2028', '\u0085', '\u000b'])('no line end gets out of it: %j', (end) => {
    for (const line of quoted(['a', '# b', '', '~~~~'].join(end), 1000).split('\n'))
      expect(line).toMatch(/^>/);
    expect(quoted(['a', '# b'].join(end), 1000)).not.toMatch(/[\r\u2028\u0085\u000b]/);
  });
});

describe('said', () => {
  test('one paragraph stays in its line', () => {
    expect(said('Good day\nnow.', 100)).toBe('Good day now.');
  });

  test('more stands below it as a quote, within the item of a list that it belongs to', () => {
    expect(said('Which?\n\n- this\n- that', 100)).toBe('Which?\n\n> - this\n> - that');
    expect(said('Which?\n- this', 100, '   ')).toBe('Which?\n\n   > - this');
    expect(said('```\nx', 100, '   ')).toBe('> ```\n   > x');
  });
});
