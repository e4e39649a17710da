import type { Comparison, TestCase, TestRun } from './evidence.js';
import { parentsOf } from './runners/parsers/test-case.js';

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
  comparison.removed = findRemoved(before, after, later);
  return comparison;
}

/**
 * The files to run once more, to tell flaky tests from broken ones; undefined: all, as the runner names none.
 */
export function filesToRepeat(comparison: Comparison, after: TestRun): string[] | undefined {
  const failing = new Set(comparison.newlyFailing);
  const cases = after.cases.filter(({ id }) => failing.has(id));
  const files = new Set(cases.flatMap(({ file }) => file ?? []));
  return cases.every(({ file }) => file !== null) && files.size > 0 ? [...files] : undefined;
}

/** What ran before and does not any more: deleted, or skipped now, which hides a failure as well. */
function findRemoved(
  before: TestRun,
  after: TestRun,
  later: ReadonlyMap<string, TestCase['outcome']>,
): string[] {
  // Where the runner did not come to its end, what is missing says nothing.
  const complete = after.ended === 'exited' && after.note === undefined;
  const failed = new Set(after.cases.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id));
  return before.cases.flatMap(({ id, file, outcome }) => {
    if (outcome === 'skipped' || id === file) return [];
    const now = later.get(id);
    if (now === 'skipped') return outcome === 'passed' ? [id] : [];
    if (now !== undefined || !complete) return [];
    // A file, suite or package that fails as a whole takes its tests with it: they are not removed, they
    // fail.
    return parentsOf(id).some((parent) => failed.has(parent)) ? [] : [id];
  });
}

function outcomes(run: TestRun | null): Map<string, TestCase['outcome']> {
  return new Map(run?.cases.map(({ id, outcome }) => [id, outcome]));
}
