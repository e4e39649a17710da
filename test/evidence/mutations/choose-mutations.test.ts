import { describe, expect, test } from '@jest/globals';
import { describeMutation } from '../../../src/evidence/describe-gaps.js';
import { chooseMutations } from '../../../src/evidence/mutations/choose-mutations.js';
import { findMutations } from '../../../src/evidence/mutations/find-mutations.js';

const all = new Set(Array.from({ length: 100 }, (_, index) => index + 1));
const edit = (text: string, file = 'a.ts') =>
  findMutations(file, text, all).map(
    ({ start, end, replacement }) => text.slice(0, start) + replacement + text.slice(end),
  );

describe('a mutation', () => {
  test.each([
    ['a < b', ['a <= b']],
    ['a /* < */ >= b', ['a /* < */ > b']],
    ['x = a === b && !c', ['x = a === b || !c', 'x = a !== b && !c']],
    ['x = a + 1', ['x = a - 1']],
    ["x = a + 'b' + c", []],
    ['x += 1', ['x -= 1']],
    ['if (a) b = 1', ['if (!(a)) b = 1']],
    ['if (!a) b = 1', ['if (a) b = 1']],
    ['x = a.b ? c : d', ['x = !(a.b) ? c : d']],
    ['await release(tx);', [';']],
    ['x = true', ['x = false']],
  ])('of %s', (text, expected) => {
    expect(edit(text)).toEqual(expected);
  });

  test.each([
    ['a log', "console.log(a);\nthis.logger.info('x', true);\nawait log.error(b);"],
    ['the condition of a loop', 'while (a) b;\nfor (let i = 0; i < n; i++) c;'],
    ['a type', 'type A = true;\nlet b: true | false;'],
    ['an import', "import a from 'a';\nconst b = require('b');"],
    ['a file that cannot be parsed', 'const = <'],
  ])('never changes %s', (_what, text) => {
    expect(edit(text)).toEqual([]);
  });

  test('is described by what it puts in place of what', () => {
    expect(describeMutation({ was: '<=', now: '<' })).toBe('`<` for `<=`');
    expect(describeMutation({ was: 'await release(tx)', now: '' })).toBe('without `await release(tx)`');
  });
});

test('mutations are spread over the lines that run, and those that say the most come first', () => {
  const text = 'a(x);\nb = c + 1 + d + e;\nf = g < h && i;\nj = k < l;\n';
  const reach = [
    { file: 'a.js', lines: [1, 2], tests: ['a.test.js'] },
    { file: 'a.js', lines: [3], tests: null },
  ];
  const choose = (most: number) =>
    chooseMutations(new Map([['a.js', text]]), reach, most).map(({ edit: { line, was }, tests }) => [
      line,
      was,
      tests,
    ]);
  expect(choose(20)).toEqual([
    [3, '<', null],
    [2, '+', ['a.test.js']],
    [1, 'a(x)', ['a.test.js']],
    [3, '&&', null],
    [2, '+', ['a.test.js']],
    [2, '+', ['a.test.js']],
  ]);
  expect(choose(2)).toHaveLength(2);
});

test('the offsets of a mutation count bytes', () => {
  const reach = [{ file: 'a.js', lines: [1], tests: null }];
  const [one] = chooseMutations(new Map([['a.js', "s = 'ä🎉'; x = a < b"]]), reach, 20);
  expect(one).toMatchObject({ from: 20, to: 21, edit: { replacement: '<=' } });
});

test('a long file is read in time', () => {
  const text = 'a(b < c);\n'.repeat(50_000);
  const lines = Array.from({ length: 50_000 }, (_, index) => index + 1);
  expect(chooseMutations(new Map([['a.js', text]]), [{ file: 'a.js', lines, tests: null }], 20)).toHaveLength(
    20,
  );
});
