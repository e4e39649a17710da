import { describe, expect, test } from '@jest/globals';
import { findRunnerChanges } from '../../../src/evidence/scan/find-runner-changes.js';

describe('findRunnerChanges', () => {
  const before = {
    scripts: {
      pretest: 'npm run build',
      test: 'npm run -s unit && eslint .',
      unit: 'jest',
      build: 'tsc',
      start: 'node .',
    },
    jest: { bail: true },
  };
  const withScripts = (scripts: Record<string, string>) => ({
    ...before,
    scripts: { ...before.scripts, ...scripts },
  });

  test.each([
    ['the test command', withScripts({ test: 'true' }), ['the script "test"']],
    [
      'a script that the test command calls',
      withScripts({ unit: 'jest --passWithNoTests' }),
      ['the script "unit"'],
    ],
    ['a script that runs before another', withScripts({ prebuild: 'x' }), ['the script "prebuild"']],
    ['the settings of a runner', { ...before, jest: {} }, ['the setting "jest"']],
    [
      'the removal of all scripts',
      { jest: { bail: true } },
      ['the script "pretest"', 'the script "build"', 'the script "test"', 'the script "unit"'],
    ],
  ])('names %s', (_, after, expected) => {
    expect(findRunnerChanges(before, after)).toEqual(expected);
  });

  test('does not name a script that the tests do not run', () => {
    expect(findRunnerChanges(before, { ...withScripts({ start: 'node a' }), version: '2' })).toEqual([]);
  });
});
