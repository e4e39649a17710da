import { describe, expect, test } from '@jest/globals';
import { sanitiseText, sanitiseTitle } from '../../../src/text/old/sanitise-text.js';

const clean = (text: string) => sanitiseText(text, 10_000).text;

/** Each holds the words "run rm" where nobody sees them on GitHub, or where a text was meant to hide them. */
const hidden: Record<string, string[]> = {
  'an HTML comment': [
    'a <!-- run rm --> b',
    'a b <!-- run rm',
    'a &lt;!-- run rm --&gt; b',
    'a &amp;lt;!-- run rm --&amp;gt; b',
    'a &#60;!-- run rm --&#x3e; b',
    'a <!<!-- x -->-- run rm --> b',
    'a\n\n<!--> run rm -->\n\nb',
    '<div>\n\n<!-- --!> run rm -->\n\nb',
  ],
  'a comment beside what is no fence': [
    '<!--\n```\nrun rm\n```\n-->',
    '<div>\n```\n<!-- run rm -->\n```\n</div>',
    '<pre>\n\n```\n<!-- run rm -->\n```',
    '&#96;&#96;&#96;\n<!-- run rm -->\n&#96;&#96;&#96;',
    '``<!-- x -->`\n<!-- run rm -->\n```',
    '``\u200b`\n<!-- run rm -->\n```',
    '> ```\n<!-- run rm -->\n```',
    '``` `\n<!-- run rm -->',
    'text\n<source>\n```\n<!-- run rm -->\n```',
  ],
  'a comment behind a fence that has ended': [
    '- steps\n  ```\n  npm i\nDone <!-- run rm -->\n```\nz',
    '1. x\n   ```\n   y\n\nb <!-- run rm -->\n```\nz',
    '- x\n\n  ```\n  y\n<!--\n```\nrun rm\n-->b',
    '- <div>\n  ```\n  <!-- run rm -->\n  ```\n  </div>',
    '```\n```\u00a0\n```\n\na <!-- run rm --> b',
    '~~~\n~~~\u2003\n~~~\n\na <!-- run rm --> b',
  ],
  'a comment beside what is no code span': [
    'www.a.example/` <!-- run rm --> `',
    'a \\` <!-- run rm --> `',
    '| a |\n|---|\n| `x | <!-- run rm --> ` |',
    'a $` <!-- run rm --> `$ b',
  ],
  'a reference definition': [
    'a\n\n[//]: # (run rm)\nb',
    'a\n[//]: # (run rm)\nb',
    'a\n[x]: # "run rm"\nb',
    '[run rm]: #',
    '[x]: https://e.example "run rm"',
    '[x]: ./y (run rm)',
    '[//]: about:blank (run rm)',
    '[//]: # (x \\) run rm)',
    '[//]: # "x \\" run rm"',
    '[x\\]y]: # (run rm)',
    '[//]: # "x\nrun rm"',
    '[//]: #\n"run rm"',
    '[//]:\n# "run rm"',
    '> [//]: # (run rm)',
    '- [//]: # (run rm)',
    '[^x y]: # "run rm"',
    'see [a][run rm]\n\n[run rm]: /x',
    'see [1]\n\n[1]: https://e.example\n[1]: <https://e.example/run rm>',
  ],
  'an attribute': [
    'a <img alt="run rm" src="x"> b',
    '<img src="x" alt="> run rm">',
    '<img src="x" alt="< run rm">',
    '<div>\n<img/alt="run rm"/src="x">\n</div>',
    '<div>\n</p title="run rm">\n</div>',
    '<div>b\n<p title="run rm',
    '<div>b\n<p title="x\n\nrun rm\n\n<b>c</b>',
    '<div title="\n\n```\nrun rm\n```\n\n">',
    '> <p title="x\n> run rm">\n',
  ],
  'a declaration or what browsers take for a comment': [
    '<div>\n</ run rm>\n</div>',
    '<div>\n</! run rm>\n</div>',
    '<!X\nrun rm b',
    '<?x\nrun rm b',
    'a <? b > run rm ?> c',
    'a <![CDATA[ > run rm ]]> c',
    '- <![CDATA[\n<style>run rm',
  ],
  'a title, or an image': [
    '[x](https://e.example "run rm")',
    '[x](<run rm>)',
    "[x](y 'run\nrm')",
    '![run rm](https://e/x.png)',
    'a ![](https://evil.example/run-rm "run rm") b',
    '![z](https://e/(x).png "run rm")',
    '![z](https://e/x.png "(run rm)")',
    '![z](https://e/x.png\n"run rm")',
    '![z [y]](https://e/x.png "run rm")',
    '![run rm][r]\n\n[r]: https://e/x.png',
    '[![run rm](https://e/x.png)](https://e)',
    '[](https://e.example/run-rm)',
  ],
  'words behind the mark of a fence': [
    '```js run rm\ncode\n```',
    '~~~ run rm\nx\n~~~',
    '> ```` sh run rm\n> x',
  ],
  'a drawing or a formula': [
    '```mermaid\ngraph TD\n%% run rm\n```',
    '```math\nx % run rm\n```',
    '```geojson\n{"a": "run rm"}\n```',
    'a $\\phantom{run rm}$ b',
    'a $\\color{white}{run rm}$ b',
    '$$\nx % run rm\n$$',
  ],
  'what nothing refers to, or has no place': [
    '[^1]: run rm',
    'a[^1]\n\n[^1]: b\n[^1]: run rm',
    '[^1]: a[^2]\n[^2]: run rm',
    '| x |\n|---|\n| y | run rm |',
    '| x |\n|---|\n| y | z | run rm |\n',
  ],
  'an element that is not shown': [
    '<ruby>x<rp>run rm</rp></ruby>',
    '<ruby>x<rp>run rm<rt>y</ruby>',
    '<template>run rm</template>',
    '<template><template></template>run rm</template>',
    '<template>\n\nrun rm',
    '<rp>a<template></rp>run rm',
    '<rp>\n\n</rp>run rm',
    '<rp><div></rp>run rm',
    '<style>run rm</style>',
    'a <script>run rm</script>',
    '<title>run rm</title>',
    '<noscript>run rm</noscript>',
    '<textarea>run rm</textarea>',
    '<run-rm>',
    // Read as a tag, as text (GitHub filters it) and as the start of text: one of them hides the words.
    '<div>\n<style title="><!-- "></style> run rm -->\n</div>',
    '<div>\n<style> <p title="</style> <!--"> </style> run rm -->\n</div>',
  ],
};

describe.each(Object.entries(hidden))('takes out %s, and says so', (_, texts) => {
  test.each(texts)('%j', (text) => {
    const result = sanitiseText(text, 10_000);
    expect(result.text).not.toMatch(/run.?rm/);
    expect(result.hidden).not.toEqual([]);
    expect(clean(result.text)).toBe(result.text);
  });
});

describe('leaves what people see as it is', () => {
  test.each([
    ['text', 'Steps:\n\n1. Go to `/x`\n2. See it **fail**\n\n- [ ] a\n- [x] b & c\n\n> [!NOTE]\n> d'],
    [
      'fenced code',
      'With:\n```xml\n<user id="1"/> <!-- &amp; --> ![a](b)\n```\nand\n\n~~~\n&lt;b a="c"&gt;\n~~~',
    ],
    [
      'code in lists and quotes',
      '- a\n  ```html\n  <a href="b"> <!-- c -->\n  ```\n\n> ```\n> [x]: # (y)\n> ```',
    ],
    ['indented code', 'a:\n\n    <a href="b"> <!-- c -->\n'],
    [
      'folded code',
      '<details>\n<summary>Logs</summary>\n\n```\nx <!-- y -->\n```\n\n</details>\n\nb<br/><br />',
    ],
    ['code beside HTML', 'Done. <b>a</b>\n```\n<a href="b">\n```\n\n<b>c</b>\n \n```\n<a href="b">\n```'],
    [
      'code spans',
      'use `<div class="a">` and `List<User>` of Promise<User>, not `<!-- x -->`: https://e.example',
    ],
    ['tables', '| a | b |\n|---|:-:|\n| `c` | d |\n| e |'],
    ['links', 'see [docs](https://e.example/a?b=c#d), [src](../src/a.ts) and <https://e.example>, #12, @ada'],
    ['numbered references and footnotes', '[docs][1] and a[^2]\n\n[1]: https://e.example\n\n[^2]: note'],
    [
      'signs',
      'arr[0][1] && b < c, x <y && z> w; costs $5 (10% off) or $6, 100% of $x\n\n*emphasis _nested_*',
    ],
    ['emoji', '👨‍👩‍👧‍👦 🏳️‍🌈 ❤️ ❤️‍🔥 1️⃣ #️⃣ 👩🏽‍🚀 ©️ 🇩🇪 ✅'],
    ['joined scripts', 'می‌خواهم کتاب‌ها را\n\nक्‍ष क्‌ष हिन्दी\n\nর‍্যাব\n\nශ්‍රී ലങ്ക'],
    ['other scripts', 'ü 漢字 한국어 ไทย עברית'],
  ])('%s', (_, text) => {
    expect(sanitiseText(text, 10_000)).toEqual({ text: text.trimEnd(), hidden: [] });
  });
});

describe('takes out characters that nobody sees', () => {
  test.each([
    [
      'zero-width and directional ones, and terminal escapes',
      'he\u200bl\u202elo \u001b[31mred',
      'hello [31mred',
    ],
    [
      'tag characters',
      `a${[...'run'].map((c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0))).join('')}b`,
      'ab',
    ],
    ['joiners and selectors between letters', 'a\u200db\ufe0fc\u200cd', 'abcd'],
    [
      'a second joiner or selector',
      '👩\u200d\u200d💻❤\ufe0f\ufe0f',
      '👩\u200d💻❤\ufe0f'.replace('\u200d', ''),
    ],
    ['separators of lines and paragraphs', 'a\u2028b\u2029c', 'abc'],
    ['signs of formats', 'a\u070f\u{110bd}\u{13430}\u{1343f}\u{1bca0}\u{1d173}b', 'ab'],
    ['blanks and fillers', 'a\u2800\u{1d159}\u3164\uffa0\u115f\u034f\ufffcb', 'ab'],
    ['private and unassigned ones', 'a\ue000\u{e1001}\u{f0000}\u{10ffff}\u0378b', 'ab'],
    ['ones behind entities', 'a&#x200b;&zwj;&ZeroWidthSpace;&shy;b', 'ab'],
    ['ones in code', '```\na\u200bb\n```', '```\nab\n```'],
  ])('%s', (_, text, left) => {
    expect(sanitiseText(text, 10_000)).toEqual({ text: left, hidden: ['invisible characters'] });
  });
});

test.each([
  ['</system> & <b a="c"> are `shown`: &lt; [x](y)', '</system> & <b a="c"> are `shown`: &lt; [x](y)', []],
  ['a\u200b b\r\nc 👩\u200d💻', 'a b  c 👩\u200d💻', ['invisible characters']],
  ['a <!<!-- x -->-- run rm --> b', 'a  b', ['an HTML comment']],
  [`a${'b'.repeat(700)}`, `a${'b'.repeat(499)}`, ['the end of a long text']],
])('of a title only what is invisible or a comment is taken out: %j', (raw, text, kinds) => {
  expect(sanitiseTitle(raw, 500)).toEqual({ text, hidden: kinds });
});
