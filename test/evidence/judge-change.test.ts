import { expect, test } from '@jest/globals';
import type { Work } from '../../src/agent/work.js';
import { compareTests } from '../../src/evidence/compare-tests.js';
import type { Comparison, TestRun } from '../../src/evidence/evidence.js';
import { judgeChange } from '../../src/evidence/judge-change.js';
import { parseSettings } from '../../src/task/settings.js';

test('tests that pass before and after, per test or as a whole, are no reason for a draft', () => {
  expect(reasons(run(0, ['a']), run(0, ['a', 'b']))).toEqual([]);
  expect(reasons(run(0), run(0))).toEqual([]);
});

test('a suite that fails before and after without a word per test makes a draft, not a success', () => {
  expect(reasons(run(2), run(2))).toEqual([expect.stringContaining('say nothing about it')]);
  expect(reasons(run(0), run(2))).toEqual(['The tests passed before and fail now.']);
});

test('a test that failed before, and still does, is no reason for a draft', () => {
  expect(reasons(run(1, ['a'], ['b']), run(1, ['a'], ['b']))).toEqual([]);
});

test('a command that newly fails with no test failing, as for coverage or types, makes a draft', () => {
  expect(reasons(run(0, ['a']), run(1, ['a', 'b']))).toEqual([
    'The test command passed before and fails now (exit code 1), although no test newly fails.',
  ]);
});

test('a newly failing test is said once, and a flaky one is not held against the change', () => {
  expect(reasons(run(0, ['a']), run(1, [], ['a']))).toEqual(['1 test that did not fail before fails now.']);
  expect(reasons(run(0, ['a']), run(1, [], ['a']), run(0, ['a']))).toEqual([]);
});

test('a renamed test is no reason for a draft, a lost one is', () => {
  expect(reasons(run(0, ['a', 'old']), run(0, ['a', 'new']))).toEqual([]);
  expect(reasons(run(0, ['a', 'old', 'older']), run(0, ['a', 'new']))).toEqual([
    '1 test that ran before did not run any more, or passed before and is skipped now.',
  ]);
});

function reasons(before: TestRun, after: TestRun, again: TestRun | null = null): string[] {
  const comparison: Comparison | null = compareTests(before, after, again);
  const work = { outcome: { kind: 'submitted' } } as Work;
  const evidence = { before, after, comparison, proof: null, findings: [], notes: [] };
  const parsed = parseSettings(null);
  if ('faults' in parsed) throw new Error('no file is no fault');
  const verdict = judgeChange(work, evidence, parsed.settings);
  return verdict.kind === 'ready' ? verdict.draftReasons : [verdict.reason];
}

/** Without names: a runner that says nothing per test. */
function run(exitCode: number, passed: string[] = [], failed: string[] = []): TestRun {
  const names = [...passed, ...failed];
  return {
    command: 'npm test',
    runner: 'jest',
    exitCode,
    ended: 'exited',
    durationMs: 1,
    granularity: names.length > 0 ? 'per-test' : 'exit-code',
    cases: names.map((id) => ({ id, file: null, outcome: passed.includes(id) ? 'passed' : 'failed' })),
    outputTail: '',
  };
}
