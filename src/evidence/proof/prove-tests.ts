import { hasFinished, type Proof, type TestCase, type TestRun } from '../evidence.js';
import { parentsOf } from '../runners/parsers/test-case.js';
import { comesFrom } from './comes-from.js';
import { isComparable } from './is-comparable.js';
import type { SortedChanges } from './sort-changes.js';

/** The runs that show what the new and changed tests prove. Null if a run did not take place. */
export interface ProofRuns {
  before: TestRun | null;
  after: TestRun | null;
  /** The base code with the tests of the change, their support files, and the data of the change. */
  onBase: TestRun | null;
  /** The same without the data. */
  withoutData: TestRun | null;
  /** The tests with the change once more. */
  again: TestRun | null;
}

/**
 * Finds the test files that must run on the base code. These files contain reported tests. Each of them is a
 * changed file, has a changed snapshot, or is built from a changed file.
 * @returns undefined if all tests must run. This is the case if the runner does not report the file of each
 * test, or if only helpers changed.
 */
export function filesToProve(
  { tests, support }: Pick<SortedChanges, 'tests' | 'support'>,
  after: TestRun | null,
): string[] | undefined {
  if (!after || after.cases.some(({ file }) => file === null)) return undefined;
  const known = new Set(after.cases.flatMap(({ file }) => file ?? []));
  const found = [...known].filter((file) => [...tests, ...support].some((one) => comesFrom(file, one)));
  return found.length > 0 ? found : undefined;
}

/**
 * Decides what the new and changed tests prove. A test proves something if it fails on the base code and
 * passes with the change. The failure must not be due to a missing file of the tests. A new test that passes
 * in both cases proves nothing.
 * @param knownFlaky ids of tests that were flaky in earlier runs
 * @returns null if the tests did not run with the change or did not run on the base code
 */
export function proveTests(
  sorted: SortedChanges,
  runs: ProofRuns,
  knownFlaky: ReadonlySet<string> = new Set(),
): Proof | null {
  const { before, after, onBase, withoutData, again } = runs;
  if (!after || !onBase) return null;
  const proof: Proof = {
    files: [...sorted.tests, ...sorted.support],
    ...{ proves: [], provesNothing: [], needData: [], notComparable: [], flaky: [] },
    data: sorted.data,
  };
  if (after.granularity !== 'per-test') return { ...proof, note: proveByExitCode(after, onBase) };
  const known = casesById(before);
  const repeated = casesById(again);
  const bare = casesById(withoutData);
  const findFailure = createFindFailure(before, onBase);
  for (const test of listTests(sorted, runs)) {
    const failure = findFailure(test);
    const { id } = test;
    const second = repeated.get(id)?.outcome;
    if (knownFlaky.has(id) || (second !== undefined && second !== 'passed')) proof.flaky.push(id);
    else if (failure === null) {
      if (bare.get(id)?.outcome === 'failed') proof.needData.push(id);
      else if (!known.has(id)) proof.provesNothing.push(id);
    } else if (failure) {
      const { message } = failure;
      const isProof = isComparable(message, sorted.product);
      (isProof ? proof.proves : proof.notComparable).push({ id, ...(message && { message }) });
    }
  }
  return { ...proof, ...(!hasFinished(onBase) && { note: notFinished }) };
}

/** Lists the passing tests that the change adds or changes. */
function listTests({ tests, support }: SortedChanges, { before, after, onBase }: ProofRuns): TestCase[] {
  const known = casesById(before);
  const there = casesById(onBase);
  const areFilesKnown = filesToProve({ tests, support }, after) !== undefined;
  return (after?.cases ?? []).filter(({ id, file, outcome }) => {
    if (outcome !== 'passed') return false;
    if (areFilesKnown && file !== null) return [...tests, ...support].some((one) => comesFrom(file, one));
    // If the files are not known, a test belongs to the change if it did not pass before it, or if it fails
    // on the base code now.
    return known.get(id)?.outcome !== 'passed' || there.get(id)?.outcome === 'failed';
  });
}

/**
 * Creates a function that finds out why a test fails on the base code. It returns null if the test passes
 * there, and undefined if there is no result.
 */
function createFindFailure(before: TestRun | null, onBase: TestRun) {
  const there = casesById(onBase);
  return ({ id }: TestCase): { message: string } | null | undefined => {
    const result = there.get(id);
    if (result?.outcome === 'passed') return null;
    if (result) return result.outcome === 'failed' ? { message: result.message ?? '' } : undefined;
    // The test has no result. It fails if its file, suite or package fails as a whole.
    if (!hasFinished(onBase) || onBase.exitCode === 0) return undefined;
    if (onBase.cases.length === 0)
      return onBase.ended === 'exited' && before?.granularity === 'per-test'
        ? { message: findError(onBase.outputTail) }
        : undefined;
    const parent = parentsOf(id).find((one) => there.get(one)?.outcome === 'failed');
    return parent === undefined ? undefined : { message: there.get(parent)?.message ?? '' };
  };
}

/** Returns the end of an output, from the first line that names an error. */
function findError(output: string): string {
  const lines = output.trim().split('\n');
  const first = lines.findIndex((line) => /\b(?:error|cannot|undefined|unresolved|no such)\b/i.test(line));
  return lines.slice(Math.max(first, 0)).join('\n').trim();
}

const notFinished = "The new tests did not finish on the base's code.";

function proveByExitCode(after: TestRun, onBase: TestRun): string {
  if (after.ended !== 'exited') return 'The new tests did not finish on this change.';
  if (after.exitCode !== 0) return 'The tests fail on this change, so the new ones prove nothing yet.';
  if (onBase.ended !== 'exited') return notFinished;
  return onBase.exitCode === 0
    ? 'The tests report only an exit code. They also pass on the base code with the new tests added, so the new tests prove nothing.'
    : 'The tests report only an exit code. With the new tests added, they fail on the base code and pass on this change.';
}

function casesById(run: TestRun | null): Map<string, TestCase> {
  return new Map(run?.cases.map((one) => [one.id, one]));
}
