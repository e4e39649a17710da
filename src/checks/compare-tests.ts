import type { Comparison, TestCase, TestRun } from './evidence.js';

/**
 * How each test did before and after a change.
 * @param again a second run of what newly failed: what passes there is flaky
 * @returns null where one of the two runs has no results per test
 */
export function compareTests(
  before: TestRun | null,
  after: TestRun | null,
  again: TestRun | null,
): Comparison | null {
  if (before?.granularity !== 'per-test' || after?.granularity !== 'per-test') return null;
  const earlier = outcomes(before);
  const later = outcomes(after);
  const repeated = outcomes(again);
  const comparison: Comparison = {
    newlyPassing: [],
    newlyFailing: [],
    failingBefore: [],
    flaky: [],
    removed: [],
    stillPassing: 0,
    skipped: 0,
  };
  for (const [id, outcome] of later) {
    const was = earlier.get(id);
    if (outcome === 'skipped') comparison.skipped += 1;
    else if (outcome === 'passed' && was === 'passed') comparison.stillPassing += 1;
    else if (outcome === 'passed') comparison.newlyPassing.push(id);
    else if (was === 'failed') comparison.failingBefore.push(id);
    else if (repeated.get(id) === 'passed') comparison.flaky.push(id);
    else comparison.newlyFailing.push(id);
  }
  // A file that no longer loads takes its tests with it: they are not "removed", they fail.
  const brokenFiles = new Set(
    after.cases
      .filter(({ id, file, outcome }) => outcome === 'failed' && id === file)
      .map(({ file }) => file),
  );
  for (const { id, file, outcome } of before.cases)
    if (outcome !== 'skipped' && !later.has(id) && !brokenFiles.has(file) && id !== file)
      comparison.removed.push(id);
  return comparison;
}

function outcomes(run: TestRun | null): Map<string, TestCase['outcome']> {
  return new Map(run?.cases.map(({ id, outcome }) => [id, outcome]));
}
