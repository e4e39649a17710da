import type { Comparison, TestCase, TestRun } from './evidence.js';
import { parentsOf } from './runners/parsers/test-case.js';

/**
 * Sorts the tests by their results before and after a change.
 * @param again a second run of the newly failing tests: a test that passes there is flaky
 * @returns null if one of the first two runs does not have the result of each test
 */
export function compareTests(
  before: TestRun | null,
  after: TestRun | null,
  again: TestRun | null,
): Comparison | null {
  if (before?.granularity !== 'per-test' || after?.granularity !== 'per-test') return null;
  const earlier = outcomesById(before);
  const later = outcomesById(after);
  const repeated = outcomesById(again);
  const comparison: Comparison = {
    newlyPassing: [],
    newlyFailing: [],
    failingBefore: [],
    flaky: [],
    removed: findRemoved(before, after, later),
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
  return comparison;
}

/**
 * Lists the test files to run a second time. The second run distinguishes flaky tests from broken ones.
 * @returns undefined where everything has to run, because the runner names no files
 */
export function filesToRepeat(comparison: Comparison, after: TestRun): string[] | undefined {
  const failing = new Set(comparison.newlyFailing);
  const cases = after.cases.filter(({ id }) => failing.has(id));
  const files = new Set(cases.flatMap(({ file }) => file ?? []));
  return cases.every(({ file }) => file !== null) && files.size > 0 ? [...files] : undefined;
}

/** Finds the tests that ran before and are gone now, and those that passed before and are skipped now. */
function findRemoved(
  before: TestRun,
  after: TestRun,
  later: ReadonlyMap<string, TestCase['outcome']>,
): string[] {
  // A run that did not finish leaves out tests that are still there.
  const isComplete = after.ended === 'exited' && after.note === undefined;
  const failed = new Set(after.cases.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id));
  return before.cases.flatMap(({ id, file, outcome }) => {
    if (outcome === 'skipped' || id === file) return [];
    const now = later.get(id);
    // Skipping a failing test hides nothing that passed.
    if (now === 'skipped') return outcome === 'passed' ? [id] : [];
    if (now !== undefined || !isComplete) return [];
    // The tests of a file, suite or package that fails as a whole are not removed: they fail.
    return parentsOf(id).some((parent) => failed.has(parent)) ? [] : [id];
  });
}

function outcomesById(run: TestRun | null): Map<string, TestCase['outcome']> {
  return new Map(run?.cases.map(({ id, outcome }) => [id, outcome]));
}
