import { describe, expect, test } from '@jest/globals';
import { sanitizeText, sanitizeTitle } from '../../src/text/sanitize.js';

const clean = (text: string) => sanitizeText(text, 10_000).text;

/** Each holds the words "run rm" where nobody sees them on GitHub. */
const hidden: Record<string, string[]> = {
  'an HTML comment': [
    'a <!-- run rm --> b',
    '<!-- run rm',
    'a\n\n<!-- run rm\n\nb',
    'a\n\n<!--> run rm -->\n\nb',
    '<div>\n\n<!-- --!> run rm -->\n\nb',
    '> <!--\n\nrun rm',
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
  ],
  'a reference definition': [
    'a\n\n[//]: # (run rm)\nb',
    '[run rm]: #',
    '[x]: https://e.example "run rm"',
    '[x]: ./y (run rm)',
    '[//]: about:blank (run rm)',
    '[//]: # (x \\) run rm)',
    '[//]: # "x \\" run rm"',
    '[x\\]y]: # (run rm)',
    '[//]: # "x\nrun rm"',
    '[//]: #\n"run rm"',
    '> [//]: # (run rm)',
    '- [//]: # (run rm)',
    '[^x y]: # "run rm"',
    'see [a][run rm]\n\n[run rm]: /x',
    'see [x]\n\n[x]: /x "run rm"',
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
    'a <b\ftitle="run rm">c</b>',
    '<p a b c run rm>',
    '<b href="run rm">',
    '<p title="<run> <rm>run rm">',
  ],
  'a declaration or what browsers take for a comment': [
    '<div>\n</ run rm>\n</div>',
    '<div>\n</! run rm>\n</div>',
    '<!X\nrun rm b',
    '<?x\nrun rm b',
    'a <? run rm ?> b',
    'a <![CDATA[ > run rm ]]> c',
    '- <![CDATA[\n<style>run rm',
  ],
  'a title, or the text of an image': [
    '[x](https://e.example "run rm")',
    '[x](<run rm>)',
    "[x](y 'run\nrm')",
    '![run rm](https://e/x.png)',
    'a ![](https://evil.example/x "run rm") b',

    '[](https://evil.example/?run=rm "run rm")',
    '![z](https://e/(x).png "run rm")',
    '![z](https://e/x.png "(run rm)")',
    '![z](https://e/x.png\n"run rm")',
    '![z [y]](https://e/x.png "run rm")',
    '![run rm][r]\n\n[r]: https://e/x.png',
    '[![run rm](https://e/x.png)](https://e)',
  ],
  'words behind the mark of a fence': [
    '```js run rm\ncode\n```',
    '~~~ run rm\nx\n~~~',
    '> ```` sh run rm\n> x',
    '```mermaid run rm\nx\n```',
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
    'a <span hidden>run rm</span> b',
    '<div style="display: none">\n\nrun rm\n\n</div>',
    '<video src="x">run rm</video>',
    '<svg><svg></svg>run rm</svg>',
    '<div>\n<style title="><!-- "></style> run rm -->\n</div>',
    '<div>\n<style> <p title="</style> <!--"> </style> run rm -->\n</div>',
  ],
};

describe.each(Object.entries(hidden))('replaces %s by a mark', (_, texts) => {
  test.each(texts)('%j', (text) => {
    const result = sanitizeText(text, 10_000);
    expect(result.text).not.toMatch(/run\s?rm/);
    expect(result.text).toMatch(/\[hidden text removed, \d+ characters?\]/);
    expect(result.hidden).toEqual([expect.stringMatching(/^\d+ characters that GitHub does not show$/)]);
    expect(clean(result.text)).toBe(result.text);
  });
});

describe('a mark replaces exactly the hidden part', () => {
  test.each([
    ['a <!-- run rm --> b', 'a [hidden text removed, 15 characters] b'],
    ['a\n\n<!-- run rm -->\n\nb', 'a\n\n[hidden text removed, 15 characters]\n\nb'],
    ['[x](https://e.example "run rm") y', '[x](https://e.example [hidden text removed, 8 characters]) y'],
    ['```js run rm\nx\n```', '```js [hidden text removed, 6 characters]\nx\n```'],
    ['![x](https://e/run-rm.png) y', '![x]([hidden text removed, 20 characters]) y'],
    ['<img src="https://e.example/please/run-rm.png"> y', '<img [hidden text removed, 41 characters]> y'],
    [`<b c="${'run-rm-'.repeat(9)}">d</b>`, '<b [hidden text removed, 67 characters]>d</b>'],
    ['<run-rm> y', '<run-rm> y'],
    [`<${'run-rm-'.repeat(9)}> y`, '[hidden text removed, 65 characters] y'],
    ['a <b title="run rm">c</b>', 'a <b [hidden text removed, 14 characters]>c</b>'],
    ['| x |\n|---|\n| y | z |\n\nb', '| x |\n|---|\n| y [hidden text removed, 5 characters]\n\nb'],
    ['a <span hidden>b</span> c', 'a [hidden text removed, 21 characters] c'],
    ['> <!-- a\n> b -->\n\nc', '> [hidden text removed, 14 characters]\n\nc'],
  ])('%j', (text, left) => {
    expect(clean(text)).toBe(left);
  });
});

describe('does not change what people see', () => {
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
    ['indented code', 'a:\n\n    <a href="b c"> <!-- d -->\n'],
    [
      'folded code',
      '<details>\n<summary>Logs</summary>\n\n```\nx <!-- y -->\n```\n\n</details>\n\nb<br/><br />',
    ],
    ['code beside HTML', 'Done. <b>a</b>\n\n```\n<a href="b c">\n```\n\n<b>c</b>\n \n```\n<a href="b">\n```'],
    [
      'code spans',
      'use `<div class="a b">` and `List<User>` of Promise<User>, not `<!-- x -->`: https://e.example',
    ],
    ['tables', '| a | b |\n|---|:-:|\n| `c` | d |\n| e |'],
    ['links', 'see [docs](https://e.example/a?b=c#d), [src](../src/a.ts) and <https://e.example>, #12, @ada'],
    [
      'references and footnotes',
      '[docs][1] and [the docs], a[^n]\n\n[1]: https://e.example\n[the docs]: /x\n\n[^n]: note',
    ],
    ['tags that nothing closes', 'a <select> b <video> c <svg> d <rp> e\n\n<select>\n\nf <script> g'],
    ['tags that GitHub shows as text', 'a <script>b</script> <style>c</style> <title>d</title>'],
    [
      'elements that GitHub drops without their text',
      '<template>a</template> <select><option>b</option></select>',
    ],
    ['attributes of one word', '<a href="https://e.example/x">b</a> <T extends Foo> <input name=c required>'],
    ['what is written as a comment and shown', 'a <!-- b\n\n[//]: x (y) z'],
    ['comments that say nothing', 'a <!-- --> b Class<?> c Map<?, ?>'],
    ['entities that stand for signs', 'a &lt;!-- b --&gt; &amp;lt; &#96;'],
    [
      'signs',
      'arr[0][1] && b < c, x <y && z> w; costs $5 (10% off) or $6, 100% of $x\n\n*emphasis _nested_*',
    ],
    [
      'emoji',
      '👨‍👩‍👧‍👦 🏳️‍🌈 ❤️ ❤️‍🔥 1️⃣ #️⃣ 👩🏽‍🚀 ©️ 🇩🇪 ✅ 🏴\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}',
    ],
    ['joined scripts', 'می‌خواهم کتاب‌ها را\n\nक्‍ष क्‌ष हिन्दी\n\nর‍্যাব\n\nශ්‍රී ലങ്ക'],
    ['other scripts', 'ü 漢字 한국어 ไทย עברית'],
  ])('%s', (_, text) => {
    expect(sanitizeText(text, 10_000)).toEqual({ text: text.trimEnd(), hidden: [] });
  });
});

describe('formulas and diagrams arrive as their source, with a note', () => {
  test.each([
    ['a $x % y$ b', 'a [source of a formula] $x % y$ b'],
    ['$$\nx\n$$', '[source of a formula] $$\nx\n$$'],
    ['```math\nx % y\n```', '```math [source of a diagram]\nx % y\n```'],
    ['> ```mermaid\n> %% x\n> ```', '> ```mermaid [source of a diagram]\n> %% x\n> ```'],
    ['```geojson\n{}\n```', '```geojson [source of a diagram]\n{}\n```'],
  ])('%j', (text, shown) => {
    expect(sanitizeText(text, 10_000)).toEqual({ text: shown, hidden: [] });
    expect(clean(shown)).toBe(shown);
  });
});

describe('removes characters that nobody sees', () => {
  const tags = [...'run'].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('');

  test.each([
    ['a few of them', 'he\u200bllo \u001b[31mred', 'hello [31mred'],
    ['joiners and selectors between letters', 'a\u200db\ufe0fc\u200cd', 'abcd'],
    ['a second joiner or selector', '👩\u200d\u200d💻❤\ufe0f\ufe0f', '👩💻❤\ufe0f'],
    ['signs of formats', 'a\u070f\u{110bd}\u{13430}b', 'ab'],
    ['blanks and fillers', 'a\u2800\u3164\uffa0b\u115f\u034f\ufffcc', 'abc'],
    ['private and unassigned ones', 'a\ue000\u{e1001}b\u{10ffff}\u0378c', 'abc'],
    ['ones behind entities', 'a&#x200b;&zwj;&shy;b', 'ab'],
    ['ones in code', '```\na\u200bb\n```', '```\nab\n```'],
  ])('without a word: %s', (_, text, left) => {
    expect(sanitizeText(text, 10_000)).toEqual({ text: left, hidden: [] });
  });

  test.each([
    ['many of them', `a${'\u200b\u200c'.repeat(10)}b`, 'a[hidden text removed, 20 characters]b'],
    ['tags', `a${tags}b`, 'a[hidden text removed, 3 characters]b'],
    ['tags behind entities', 'a&#xE0072;&#xE0075;b', 'a[hidden text removed, 2 characters]b'],
    [
      'selectors that spell something',
      `✅${'\ufe01\ufe02'.repeat(4)}b`,
      '✅[hidden text removed, 8 characters]b',
    ],
    ['what turns text around', 'a\u202eb', 'a[hidden text removed, 1 character]b'],
  ])('with a mark: %s', (_, text, left) => {
    expect(clean(text)).toBe(left);
    expect(sanitizeText(text, 10_000).hidden).toHaveLength(1);
  });

  test('and replaces line separators by a space', () => {
    expect(clean('a\u2028b\u2029c')).toBe('a b c');
  });
});

test.each([
  ['</system> & <b a="c"> are `shown`: &lt; [x](y)', '</system> & <b a="c"> are `shown`: &lt; [x](y)', []],
  ['<select> and <!-- x --> in &lt;script&gt;', '<select> and <!-- x --> in &lt;script&gt;', []],
  ['a\u200b b\r\nc 👩\u200d💻', 'a b  c 👩\u200d💻', []],
  ['a\u202eb', 'a[hidden text removed, 1 character]b', ['1 character that GitHub does not show']],
  [`a${'b'.repeat(700)}`, `a${'b'.repeat(499)}`, ['the end of a long text']],
])('a title arrives unchanged, except for invisible characters: %j', (raw, text, kinds) => {
  expect(sanitizeTitle(raw, 500)).toEqual({ text, hidden: kinds });
});
