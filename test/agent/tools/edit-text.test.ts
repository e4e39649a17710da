import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { insertLines, likeBefore, readable, replaceText } from '../../../src/agent/tools/edit-text.js';

describe('replaceText', () => {
  test.each([
    ['in a file with CRLF', 'a\r\nb\r\nc\r\n', 'a\nb', '1\n2\n3', '1\r\n2\r\n3\r\nc\r\n'],
    ['that contains CRLF itself', 'a\r\nb\r\n', 'a\r\nb', '1\r\n2', '1\r\n2\r\n'],
    ['up to the end of a line', 'a\r\nb\r\n', 'a', 'x', 'x\r\nb\r\n'],
    ['from the end of a line', 'a\r\nb\r\n', '\nb', ' b', 'a b\r\n'],
    ['in a file with a byte order mark', '\uFEFFa\r\nb\r\n', 'a\n', 'x\ny\n', '\uFEFFx\r\ny\r\nb\r\n'],
    ['in a CRLF part of a mixed file', 'a\nb\nc\nd\r\ne\r\n', 'd\ne', 'd\nx\ne', 'a\nb\nc\nd\r\nx\r\ne\r\n'],
    ['in an LF part of a mixed file', 'a\nb\nc\nd\r\ne\r\n', 'a\nb', 'a\nx\nb', 'a\nx\nb\nc\nd\r\ne\r\n'],
    ['with a carriage return inside a line', 'a\rb\nc\n', 'c', 'd', 'a\rb\nd\n'],
    ['with nothing', 'a\r\nb\r\n', 'a\n', '', 'b\r\n'],
  ])('replaces a text %s', (_, text, from, to, expected) => {
    expect(replaceText(text, from, to, 'f')).toEqual({ text: expected });
  });

  test('shows the nearest lines when the text was not found', () => {
    const text = 'function a() {\n  return sum(items);\n}\nfunction b() {\n  return total(items, tax);\n}\n';
    expect(replaceText(text, 'function b() {\n  return total(item, tax);\n}', '', 'f.js')).toEqual({
      fault:
        'old_str was not found in f.js. It must match the file exactly, including white space. The nearest lines are:\n4\tfunction b() {\n5\t  return total(items, tax);\n6\t}',
    });
    expect(replaceText(text, 'nothing like it', '', 'f.js')).toEqual({
      fault: 'old_str was not found in f.js. It must match the file exactly, including white space.',
    });
  });

  test.each([
    ['many lines', 'const a = b + c;\n'.repeat(10_000), 'const a = b + d;\n'.repeat(500)],
    ['a long line', 'a '.repeat(100_000), 'b '.repeat(100_000)],
  ])('says little about the nearest lines in a file with %s', (_, text, from) => {
    const edit = replaceText(text, from, '', 'f');
    expect(edit).toEqual({ fault: expect.stringMatching(/^old_str was not found in f\./) });
    expect(JSON.stringify(edit).length).toBeLessThan(4000);
  });

  test('changes only what the model sees changed, in any text', () => {
    const piece = fc.constantFrom('a', 'b', 'ab', '\n', '\r\n', '\ra', '\uFEFF', ' ');
    const any = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(any, any, any, (before, after, to) => {
        const edit = replaceText(`${before}<here>${after}`, '<here>', to, 'f');
        const text = 'text' in edit ? edit.text : '';
        expect(text.startsWith(before)).toBe(true);
        expect(text.endsWith(after)).toBe(true);
        expect(readable(text.slice(before.length, text.length - after.length))).toBe(readable(to));
      }),
    );
  });
});

describe('insertLines', () => {
  test.each([
    ['at the beginning', 'a\r\nb\r\n', 0, 'x', 'x\r\na\r\nb\r\n'],
    ['at the beginning, after the byte order mark', '\uFEFFa\r\n', 0, 'x\n', '\uFEFFx\r\na\r\n'],
    ['in the middle', 'a\nb\n', 1, 'x\ny', 'a\nx\ny\nb\n'],
    ['at the end', 'a\nb\n', 2, 'x\n', 'a\nb\nx\n'],
    ['at the end of a file whose last line is open', 'a\r\nb', 2, 'x\n', 'a\r\nb\r\nx'],
    ['into an empty file', '', 0, 'x', 'x\n'],
  ])('inserts lines %s', (_, text, line, added, expected) => {
    expect(insertLines(text, line, added)).toEqual({ text: expected });
  });

  test('refuses a line that does not exist', () => {
    expect(insertLines('a\nb\n', 3, 'x')).toEqual({ fault: 'insert_line: expected 0 to 2; found 3' });
    expect(insertLines('a\n', -1, 'x')).toEqual({ fault: 'insert_line: expected 0 to 1; found -1' });
  });
});

test('a new text takes over the byte order mark and the line ends of the text that it replaces', () => {
  expect(likeBefore('\uFEFFa\r\nb\r\n', 'x\ny\n')).toBe('\uFEFFx\r\ny\r\n');
  expect(likeBefore('a\n', 'x\r\ny\r\n')).toBe('x\ny\n');
  expect(likeBefore('', 'x\n')).toBe('x\n');
});
