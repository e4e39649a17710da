import { expect, test } from '@jest/globals';
import { compareQueries } from '../../src/queries/compare-queries.js';
import type { Recorded } from '../../src/queries/record-queries.js';

const recorded = (...statements: number[]): Recorded => ({
  tests: statements.map((number, index) => ({
    ...{ file: 'a.js', name: String(index), statements: number, repeated: [] },
  })),
  ...{ unindexed: [], unrecorded: [], fault: null },
});
const compare = (before: number[], after: number[]) => {
  const { common, changed } = compareQueries('PostgreSQL', {
    before: recorded(...before),
    after: recorded(...after),
  });
  return { common, changed: changed.map(({ test: name }) => name) };
};

test.each([
  ['the same', [5, 6, 7], [5, 6, 7], null, []],
  ['one statement, which can belong to a neighbor', [5, 6, 7], [6, 6, 6], null, []],
  ['one test of several', [5, 6, 7], [5, 6, 9], null, ['a.js › 2']],
  ['a hook before most tests', [5, 6, 7, 2], [7, 8, 9, 2], { tests: 3, difference: 2 }, []],
  ['a hook that is gone, and one test', [5, 6, 7], [3, 4, 12], { tests: 2, difference: -2 }, ['a.js › 2']],
  ['a new test', [5], [5, 80], null, []],
  ['the only test', [5], [9], null, ['a.js › 0']],
])('numbers of statements: %s', (_, before, after, common, changed) => {
  expect(compare(before, after)).toEqual({ common, changed });
});

test('what could not be recorded is named', () => {
  const notes = (more: Partial<Recorded>, base: Partial<Recorded> | null, leftOut = 0) =>
    compareQueries('PostgreSQL', {
      ...{ leftOut, before: base && { ...recorded(), ...base } },
      after: { ...recorded(), ...more },
    }).notes;
  expect(notes({ unrecorded: ['a.js', 'b.js'] }, null)).toEqual([
    'The statements of these files could not be told apart by test: a.js, b.js.',
  ]);
  expect(notes({}, { unrecorded: ['c.js'] })).toEqual([
    'The statements of these files could not be told apart by test on the base commit, so nothing is compared with them: c.js.',
  ]);
  expect(notes({ fault: 'the server is gone' }, {}, 3)).toEqual([
    'The statements of the tests could not be recorded: the server is gone.',
    '3 more test files were not recorded, because there are too many.',
  ]);
});
