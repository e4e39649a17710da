import { describe, expect, test } from '@jest/globals';
import { compareTests } from '../../src/evidence/compare-tests.js';
import type { Evidence, Finding, TestRun } from '../../src/evidence/evidence.js';
import { judgeChange } from '../../src/evidence/judge-change.js';
import type { Work } from '../../src/runs/work.js';
import { parseSettings } from '../../src/task/settings.js';
import { noEvidence } from './no-evidence.js';

describe('a change is ready for review', () => {
  test('when its tests pass before and after, per test or by exit code', () => {
    expect(reasons(run(0, ['a']), run(0, ['a', 'b']))).toEqual([]);
    expect(reasons(run(0), run(0))).toEqual([]);
  });
  test('when a test that failed before still fails', () => {
    expect(reasons(run(1, ['a'], ['b']), run(1, ['a'], ['b']))).toEqual([]);
  });
  test('when its only failing test is flaky', () => {
    expect(reasons(run(0, ['a']), run(1, [], ['a']), run(0, ['a']))).toEqual([]);
  });
  test('when the scan only marked places', () => {
    const marked: Finding = { severity: 'mark', rule: 'x', path: 'a', says: 'is odd' };
    expect(judge({ findings: [marked] })).toEqual([]);
  });
  test('when a test was renamed', () => {
    expect(reasons(run(0, ['a', 'old']), run(0, ['a', 'new']))).toEqual([]);
  });
});

describe('a change becomes a draft', () => {
  test.each<[string, TestRun, TestRun, string]>([
    [
      'when a test newly fails',
      run(0, ['a']),
      run(1, [], ['a']),
      '1 test fails now and did not fail before.',
    ],
    [
      'when several tests newly fail',
      run(0, ['a', 'b']),
      run(1, [], ['a', 'b']),
      '2 tests fail now and did not fail before.',
    ],
    [
      'when a test is missing that no new test replaces',
      run(0, ['a', 'old', 'older']),
      run(0, ['a', 'new']),
      '1 test that ran before is missing or skipped now.',
    ],
    [
      'when the command newly fails without a failing test, as by a coverage limit',
      run(0, ['a']),
      run(1, ['a', 'b']),
      'The test command passed before and fails now (exit code 1), although no test newly fails: another part of the command fails, such as a linter or a coverage limit.',
    ],
    [
      'when the exit code is all there is, and newly fails',
      run(0),
      run(2),
      'The tests passed before and fail now.',
    ],
    [
      'when the exit code is all there is, and fails before and after',
      run(2),
      run(2),
      'The test command fails before and after this change, and it reports only an exit code, so it says nothing about the change.',
    ],
    [
      'when results per test are lost, even where a test failed before',
      run(1, [], ['a']),
      run(1),
      'The test command reported the result of each test before the change, but not after it (exit code 1): it failed before the first test, or the test runner crashed.',
    ],
    [
      'when results are missing',
      run(0, ['a']),
      { ...run(0, ['a']), note: 'a report could not be read' },
      'The test results on this change are not complete: a report could not be read.',
    ],
    [
      'when the tests did not finish',
      run(0, ['a']),
      { ...run(0, ['a']), ended: 'timeout', exitCode: null },
      'The tests did not finish on this change: they ran out of time.',
    ],
  ])('%s', (_, before, after, reason) => {
    expect(reasons(before, after)).toEqual([reason]);
  });

  test('with a reason for each thing that is wrong', () => {
    const after = run(1, [], ['a']);
    const skipped = { id: 'b', file: null, outcome: 'skipped' as const };
    expect(reasons(run(0, ['a', 'b']), { ...after, cases: [...after.cases, skipped] })).toEqual([
      '1 test fails now and did not fail before.',
      '1 test that ran before is missing or skipped now.',
    ]);
  });

  test('when the test command newly does not exit, although its tests ended', () => {
    const remark =
      'The tests finished, but the command did not exit: a server on port 3000 (x) keeps it running.';
    const held = { ...run(0, ['a']), ended: 'did-not-exit' as const, exitCode: null, remark };
    expect(judge({ before: run(0, ['a']), after: held, comparison: compareTests(held, held) })).toEqual([
      remark,
    ]);
    expect(judge({ before: held, after: held, comparison: compareTests(held, held) })).toEqual([]);
    expect(judge({ before: held, after: { ...held, note: 'a report could not be read: x' } })).toEqual([
      'The test results on this change are not complete: a report could not be read: x.',
    ]);
    expect(judge({ before: held, after: { ...held, granularity: 'exit-code', cases: [] } })).toEqual([
      'The test command reported the result of each test before the change, but not after it (it did not exit): it failed before the first test, or the test runner crashed.',
    ]);
    const silent = { ...held, granularity: 'exit-code' as const, cases: [] };
    expect(judge({ before: silent, after: silent, comparison: null })).toEqual([
      'The test command does not exit, and it reports no results, so it says nothing about the change.',
    ]);
  });

  test('when the tests could not be run', () => {
    expect(judge({ before: run(0, ['a']), after: null })).toEqual([
      'The tests could not be run on this change.',
    ]);
  });

  test.each<[Work['outcome'], string]>([
    [
      { kind: 'budget', reason: 'its limit of 3 turns was reached' },
      'The agent did not finish its work: its limit of 3 turns was reached.',
    ],
    [
      { kind: 'gave-up', reason: 'the model declined to go on' },
      'The agent did not finish its work: the model declined to go on.',
    ],
    [
      { kind: 'stopped', reason: '@ada stopped the run.' },
      'The run was stopped before the agent finished its work: @ada stopped the run.',
    ],
  ])('when the work ended early: %j', (outcome, reason) => {
    expect(judge({ outcome })).toEqual([reason]);
  });

  test('when it contains text that looks like credentials, and the first five places are named', () => {
    const findings = Array.from(
      { length: 7 },
      (_, index): Finding => ({
        severity: 'mark',
        rule: 'secret',
        path: 'a.ts',
        line: index + 1,
        says: 'contains what looks like a GitHub token',
      }),
    );
    expect(judge({ findings: findings.slice(0, 1) })).toEqual([
      'a.ts:1 contains what looks like a GitHub token.',
    ]);
    expect(judge({ findings }).slice(5)).toEqual(['2 more places contain what looks like credentials.']);
  });

  test("when the repository's settings ask for it", () => {
    expect(judge({ settings: 'draft: always' })).toEqual([
      "The repository's settings make every pull request a draft.",
    ]);
  });
});

describe('a change is not pushed', () => {
  const finding = (path: string, line?: number): Finding => ({
    severity: 'block',
    rule: 'x',
    path,
    ...(line && { line }),
    says: 'is bad',
  });
  test('when a finding blocks it, and the reason names each place', () => {
    const marked: Finding = { ...finding('c'), severity: 'mark' };
    expect(judge({ findings: [finding('a', 3), finding('b'), marked] })).toBe(
      'The change was not pushed: a:3: is bad; b: is bad.',
    );
  });
  test('when very many findings block it, and the reason names ten', () => {
    const findings = Array.from({ length: 12 }, (_, index) => finding(`f${index}`));
    expect(judge({ findings })).toMatch(/f9: is bad; and 2 more\.$/);
  });
});

function reasons(before: TestRun, after: TestRun, again: TestRun | null = null): unknown {
  return judge({ before, after, comparison: compareTests(before, after, { after: again, before: null }) });
}

/** @returns the reasons for a draft, or the reason that blocks the change */
function judge(
  given: Partial<Evidence> & { outcome?: Work['outcome']; settings?: string },
): string[] | string {
  const { outcome = { kind: 'submitted' }, settings = null, ...evidence } = given;
  const parsed = parseSettings(settings);
  if ('faults' in parsed) throw new Error(`the settings are wrong: ${parsed.faults.join()}`);
  const verdict = judgeChange({ outcome } as Work, { ...noEvidence, ...evidence }, parsed.settings);
  return verdict.kind === 'ready' ? verdict.draftReasons : verdict.reason;
}

/** A run without names is one of a runner that gives no results per test. */
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
