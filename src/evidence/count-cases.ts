import type { SuiteRun, TestCase, TestCounts, TestRun } from './evidence.js';

/** Counts test results. A test file that could not be loaded is no test. */
export function countCases(cases: readonly TestCase[]): TestCounts {
  const counts: TestCounts = { passed: 0, failed: 0, skipped: 0, unloaded: 0 };
  for (const { id, file, outcome } of cases)
    counts[outcome === 'failed' && id === file ? 'unloaded' : outcome] += 1;
  return counts;
}

/** Describes counts, such as `3 passed, 1 failed, 0 skipped, 2 files did not load`. */
export function describeCounts({ passed, failed, skipped, unloaded }: TestCounts): string {
  const files = unloaded === 1 ? ', 1 file did not load' : `, ${unloaded} files did not load`;
  return `${passed} passed, ${failed} failed, ${skipped} skipped${unloaded > 0 ? files : ''}`;
}

/** Returns the test commands of a run one by one. */
export function listSuites(run: TestRun): SuiteRun[] {
  if (run.suites) return run.suites;
  const { command, runner, exitCode, ended, durationMs, granularity, note, remark, outputTail } = run;
  const counts = countCases(run.cases);
  const suite = { command, folder: '', runner, exitCode, ended, durationMs, granularity, counts, outputTail };
  return [{ ...suite, ...(note && { note }), ...(remark && { remark }) }];
}

/** Names a test command and its folder, such as `npm test (in services/api)`. */
export function nameSuite({ command, folder }: Pick<SuiteRun, 'command' | 'folder'>): string {
  return folder === '' ? command : `${command} (in ${folder})`;
}
