import { describe, expect, test } from '@jest/globals';
import { compareTests, filesToRepeat } from '../../src/evidence/compare-tests.js';
import { testRun as run } from './test-run.js';

describe('compareTests', () => {
  test('sorts each test by how it did before and after the change', () => {
    const before = run({
      'a.js › 1': 'passed',
      'a.js › 2': 'passed',
      'a.js › 3': 'failed',
      'a.js › 4': 'passed',
      'a.js › 5': 'passed',
    });
    const after = run({
      'a.js › 1': 'passed',
      'a.js › 2': 'failed',
      'a.js › 3': 'failed',
      'a.js › 4': 'failed',
      'a.js › 6': 'passed',
    });
    expect(compareTests(before, after, { after: run({ 'a.js › 4': 'passed' }), before: null })).toEqual({
      newlyPassing: ['a.js › 6'],
      newlyFailing: ['a.js › 2'],
      failingBefore: ['a.js › 3'],
      flaky: ['a.js › 4'],
      removed: ['a.js › 5'],
      stillPassing: 1,
      skipped: 0,
    });
  });
  test('a test with two results on the same code is flaky, and neither mended nor broken', () => {
    const before = run({ 'a.js › 1': 'failed', 'a.js › 2': 'failed', 'a.js › 3': 'passed' });
    const after = run({ 'a.js › 1': 'passed', 'a.js › 2': 'passed', 'a.js › 3': 'failed' });
    const onBase = run({ 'a.js › 1': 'failed', 'a.js › 2': 'passed' });
    const repeated = { after: run({ 'a.js › 3': 'failed' }), before: onBase };
    expect(compareTests(before, after, repeated)).toMatchObject({
      newlyPassing: ['a.js › 1'],
      newlyFailing: ['a.js › 3'],
      flaky: ['a.js › 2'],
    });
    const known = new Set(['a.js › 1', 'a.js › 3']);
    expect(compareTests(before, after, repeated, known)).toMatchObject({
      newlyPassing: [],
      newlyFailing: [],
      flaky: ['a.js › 1', 'a.js › 2', 'a.js › 3'],
    });
  });
  test('counts a test that passed before and is skipped now as removed', () => {
    const compared = compareTests(run({ 'a.js › 1': 'passed' }), run({ 'a.js › 1': 'skipped' }));
    expect(compared).toMatchObject({ removed: ['a.js › 1'], skipped: 1 });
  });
  test('counts a file that no longer loads as failing, and its tests not as removed', () => {
    const compared = compareTests(run({ 'a.js › s › 1': 'passed' }), run({ 'a.js': 'failed' }));
    expect(compared).toMatchObject({ newlyFailing: ['a.js'], removed: [] });
  });
  test('counts no test as removed where the run did not finish', () => {
    const before = run({ 'a.js › 1': 'passed', 'a.js › 2': 'passed' });
    for (const more of [
      { ended: 'timeout' as const },
      { note: 'the runner ended before it had run all tests' },
    ])
      expect(compareTests(before, run({ 'a.js › 1': 'passed' }, more))?.removed).toEqual([]);
  });
});

describe('filesToRepeat', () => {
  test('repeats only the failing files, and everything where a file is not known', () => {
    const failing = (outcomes: Parameters<typeof run>[0]) => {
      const after = run(outcomes);
      const comparison = compareTests(run({ 'z.js › z': 'passed' }), after);
      return comparison && filesToRepeat(comparison.newlyFailing, after);
    };
    expect(failing({ 'a.js › 1': 'failed', 'b.js › 1': 'passed' })).toEqual(['a.js']);
    expect(failing({ 'a.js › 1': 'failed', 'pkg › 1': 'failed' })).toBeUndefined();
  });
});
