import { type Comparison, hasFinished, type TestCase, type TestRun } from './evidence.js';
import { parentsOf } from './runners/parsers/test-case.js';

/** Runs that repeat tests on the same code. A test whose result differs is flaky. */
export interface RepeatedRuns {
  /** The newly failing tests, once more with the change. */
  after: TestRun | null;
  /** The mended tests, which failed before the change, once more on the base code. */
  before: TestRun | null;
}

/**
 * Sorts the tests by their results before and after a change.
 * @param knownFlaky ids of tests that were flaky in earlier runs
 * @returns null if `before` or `after` is missing or has only an exit code
 */
export function compareTests(
  before: TestRun | null,
  after: TestRun | null,
  repeatedRuns: RepeatedRuns = { after: null, before: null },
  knownFlaky: ReadonlySet<string> = new Set(),
): Comparison | null {
  if (before?.granularity !== 'per-test' || after?.granularity !== 'per-test') return null;
  const earlier = outcomesById(before);
  const later = outcomesById(after);
  const repeated = outcomesById(repeatedRuns.after);
  const onBaseAgain = outcomesById(repeatedRuns.before);
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
    else if (outcome === 'failed' && was === 'failed') comparison.failingBefore.push(id);
    else if (was !== undefined && knownFlaky.has(id)) comparison.flaky.push(id);
    else if (outcome === 'passed' && onBaseAgain.get(id) === 'passed') comparison.flaky.push(id);
    else if (outcome === 'passed') comparison.newlyPassing.push(id);
    else if (repeated.get(id) === 'passed') comparison.flaky.push(id);
    else comparison.newlyFailing.push(id);
  }
  return comparison;
}

/**
 * Returns the files of tests that run a second time, because a test with another result then is flaky.
 * @returns undefined if all tests must run again. This is necessary if the file of one of them is unknown.
 */
export function filesToRepeat(tests: readonly string[], run: TestRun): string[] | undefined {
  const wanted = new Set(tests);
  const cases = run.cases.filter(({ id }) => wanted.has(id));
  const files = new Set(cases.flatMap(({ file }) => file ?? []));
  return cases.every(({ file }) => file !== null) && files.size > 0 ? [...files] : undefined;
}

/** Returns the tests that failed before the change and pass with it. */
export function findMended({ newlyPassing }: Comparison, before: TestRun): string[] {
  const earlier = outcomesById(before);
  return newlyPassing.filter((id) => earlier.get(id) === 'failed');
}

/**
 * Finds the removed tests that no new test replaces. Each new, passing test reduces the number of the removed
 * tests in its file by one, because it may be a removed test with a new name.
 * @returns the number of lost tests, and the ids of all removed tests in the files with lost tests
 */
export function findLost(
  comparison: Comparison | null,
  before: TestRun | null,
  after: TestRun | null,
): { count: number; removed: string[] } {
  const known = outcomesById(before);
  const gone = new Set(comparison?.removed);
  const missing = before?.cases.filter(({ id }) => gone.has(id)) ?? [];
  const added = after?.cases.filter(({ id, outcome }) => outcome === 'passed' && !known.has(id)) ?? [];
  const lost = { count: 0, removed: [] as string[] };
  for (const file of new Set(missing.map((one) => one.file))) {
    const removed = missing.filter((one) => one.file === file);
    const count = removed.length - added.filter((one) => one.file === file).length;
    if (count <= 0) continue;
    lost.count += count;
    lost.removed.push(...removed.map(({ id }) => id));
  }
  return lost;
}

/**
 * Finds tests that ran before the change and are missing after it. A test that passed before the change and
 * is skipped after it also counts as removed.
 */
function findRemoved(
  before: TestRun,
  after: TestRun,
  later: ReadonlyMap<string, TestCase['outcome']>,
): string[] {
  // If the run did not finish, tests that still exist may be missing from its report.
  const isComplete = hasFinished(after) && after.note === undefined;
  const failed = new Set(after.cases.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id));
  return before.cases.flatMap(({ id, file, outcome }) => {
    if (outcome === 'skipped' || id === file) return [];
    const now = later.get(id);
    // A skipped test counts as removed only if it passed before the change.
    if (now === 'skipped') return outcome === 'passed' ? [id] : [];
    if (now !== undefined || !isComplete) return [];
    // If a whole file, suite or package fails, the report does not list its tests. Their absence means that
    // they failed, not that someone removed them.
    return parentsOf(id).some((parent) => failed.has(parent)) ? [] : [id];
  });
}

function outcomesById(run: TestRun | null): Map<string, TestCase['outcome']> {
  return new Map(run?.cases.map(({ id, outcome }) => [id, outcome]));
}
