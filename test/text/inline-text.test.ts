import { describe, expect, test } from '@jest/globals';
import { codeBlock, codeSpan, inlineText, oneLine, plainText } from '../../src/text/inline-text.js';

test('plainText cuts a long text with a note', () => {
  const text = plainText('x'.repeat(5000), 1000);
  expect(text.length).toBeLessThanOrEqual(1000);
  expect(text).toMatch(/^x+\n\u200b\[cut here\]$/);
});

test('oneLine cuts a long title within its line', () => {
  expect(oneLine(`Accept a|b and\n${'x'.repeat(100)}`, 72)).toMatch(/^Accept a\|b and x+…$/);
});

test('codeSpan lets no name out of the span', () => {
  expect(codeSpan('a`b|c\n<img>')).toBe("`a'b|c <\u200bimg>`");
});

test('codeBlock keeps the end of an output, and none of its lines ends the block', () => {
  expect(codeBlock('start\n```\n</details>\n# end', 21)).toBe('    ```\n    <\u200b/details>\n    # end');
});

describe('inlineText', () => {
  test.each(['# x', '> x', '~~~~', '```', '- x', '1. x', '===', '| a |', '+ x'])(
    'begins no block with %j',
    (text) => {
      expect(text).toMatch(/^[#>~`=|+-]|^1\./);
      expect(inlineText(text, 100)).not.toMatch(/^[#>~`=|+-]|^1\./);
    },
  );

  test.each([
    ['a `b` and `c', "a `b` and 'c"],
    ['a ``b` c', "a ''b' c"],
    [String.raw`a \` b \``, 'a ` b `'],
    ['a `b` and ``c ` d``', 'a `b` and ``c ` d``'],
  ])('leaves no code span open in %j', (text, closed) => {
    expect(inlineText(text, 100)).toBe(closed);
  });
});
