import { describe, expect, test } from '@jest/globals';
import { quote, statement } from '../../src/text/quote.js';

describe('quote', () => {
  test('keeps lists, code and links, and turns headings into bold lines', () => {
    const text =
      'Adds `x`.\n\n## Why\n\n- one\n- two, see [docs](https://example.com/x)\n\n```sh\n# install\nnpm ci\n```\n\nEnd\n---\nof it';
    expect(quote(text, 1000)).toBe(
      '> Adds `x`.\n>\n> **Why**\n>\n> - one\n> - two, see [docs](https://example.com/x)\n>\n> ```sh\n> # install\n> npm ci\n> ```\n>\n> End\n>\n> of it',
    );
  });

  test.each(['\n', '\r', '\u2028', '\u0085', '\u000b'])(
    'every line stays in the quote with the line end %j',
    (end) => {
      for (const line of quote(['a', '# b', '', '~~~~'].join(end), 1000).split('\n'))
        expect(line).toMatch(/^>/);
      expect(quote(['a', '# b'].join(end), 1000)).not.toMatch(/[\r\u2028\u0085\u000b]/);
    },
  );
});

describe('statement', () => {
  test('puts one paragraph on the line of its label', () => {
    expect(statement('Good day\nnow.', 100)).toBe('Good day now.');
  });

  test('puts the rest below as a quote, within the list item of its label', () => {
    expect(statement('Which?\n\n- this\n- that', 100)).toBe('Which?\n\n> - this\n> - that');
    expect(statement('Which?\n- this', 100, '   ')).toBe('Which?\n\n   > - this');
    expect(statement('```\nx', 100, '   ')).toBe('> ```\n   > x');
  });
});
