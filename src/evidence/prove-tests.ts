import type { Change } from '../workspace/workspace.js';
import { hasFinished, type Proof, type TestCase, type TestRun } from './evidence.js';
import { parentsOf } from './runners/parsers/test-case.js';
import { isTestPath } from './runners/runners.js';

/**
 * Finds the test files that a change adds, changes, moves or deletes. Helpers, fixtures and snapshots of
 * tests are included. Pullwright copies these files over the base code to see which tests fail there.
 * @returns [] if the change adds or changes no test file
 */
export function findTestFiles(changes: readonly Pick<Change, 'path' | 'status' | 'from'>[]): string[] {
  if (!changes.some(({ path, status }) => status !== 'deleted' && isTestPath(path))) return [];
  const paths = changes.flatMap(({ path, from }) => (from ? [path, from] : [path]));
  return [...new Set(paths.filter((path) => isTestPath(path)))];
}

/**
 * Finds the test files that must run on the base code. These files contain reported tests. Each of them is a
 * changed file, has a changed snapshot, or is built from a changed file.
 * @param files the changed test files and their helpers
 * @returns undefined if all tests must run. This is the case if the runner does not report the file of each
 * test, or if only helpers changed.
 */
export function filesToProve(files: readonly string[], after: TestRun | null): string[] | undefined {
  if (!after || after.cases.some(({ file }) => file === null)) return undefined;
  const known = new Set(after.cases.flatMap(({ file }) => file ?? []));
  const tests = [...known].filter((file) => files.some((changed) => comesFrom(file, changed)));
  return tests.length > 0 ? tests : undefined;
}

interface Runs {
  before: TestRun | null;
  after: TestRun | null;
  /** The run of the change's tests on the base code. */
  onBase: TestRun | null;
}

/**
 * Decides what the new and changed tests prove. A test proves something if it fails on the base code and
 * passes with the change. A new test that passes in both cases proves nothing.
 * @returns null if the tests did not run with the change or did not run on the base code
 */
export function proveTests(files: readonly string[], { before, after, onBase }: Runs): Proof | null {
  if (!after || !onBase) return null;
  const proof: Proof = { files: [...files], proves: [], provesNothing: [] };
  if (after.granularity !== 'per-test') return { ...proof, note: proveByExitCode(after, onBase) };

  const known = casesById(before);
  const there = casesById(onBase);
  const onlyHelpers = filesToProve(files, after) === undefined;
  const notLoaded = new Set<string>();
  const failedThere = new Set(onBase.cases.flatMap(({ id, outcome }) => (outcome === 'failed' ? id : [])));
  for (const { id, file, outcome } of after.cases) {
    if (outcome !== 'passed') continue;
    const onOldCode = there.get(id)?.outcome;
    const passedBefore = known.get(id)?.outcome === 'passed';
    // If the changed files that contain tests are known, a test belongs to the change if its file is one of
    // these files. If these files are not known, a test belongs to the change in two cases:
    // (1) The test did not pass in the run before the change.
    // (2) The test fails on the base code.
    const belongsToChange =
      onlyHelpers || file === null
        ? !passedBefore || onOldCode === 'failed'
        : files.some((changed) => comesFrom(file, changed));
    if (!belongsToChange) continue;
    if (onOldCode === 'passed') {
      if (!known.has(id)) proof.provesNothing.push(id);
    } else if (onOldCode === 'failed') proof.proves.push(id);
    else if (onOldCode === undefined && couldNotLoad(id, before, onBase, failedThere)) {
      proof.proves.push(id);
      notLoaded.add(file ?? id);
    }
  }
  const notes = describeLimits(onBase, [...notLoaded]);
  return { ...proof, ...(notes.length > 0 && { note: notes.join(' ') }) };
}

function describeLimits(onBase: TestRun, notLoaded: readonly string[]): string[] {
  const more = notLoaded.length > 5 ? ` and ${notLoaded.length - 5} more` : '';
  const files = `${notLoaded.slice(0, 5).join(', ')}${more}`;
  return [
    ...(hasFinished(onBase) ? [] : [notFinished]),
    ...(notLoaded.length > 0
      ? [`These tests could not be loaded on the base code, which counts as a failure: ${files}.`]
      : []),
  ];
}

const notFinished = "The new tests did not finish on the base's code.";

/**
 * Guesses why a test has no result on the base code. Returns true if the test probably imports something
 * that the base code lacks. This is the case if both conditions hold:
 * (1) The test command finished on the base code and failed.
 * (2) The file, suite or package of the test failed as a whole on the base code. If no test has a result on
 * the base code, the run before the change must instead have results for single tests.
 */
function couldNotLoad(
  id: string,
  before: TestRun | null,
  onBase: TestRun,
  failedThere: ReadonlySet<string>,
): boolean {
  if (!hasFinished(onBase) || onBase.exitCode === 0) return false;
  if (onBase.cases.length === 0) return onBase.ended === 'exited' && before?.granularity === 'per-test';
  return parentsOf(id).some((parent) => failedThere.has(parent));
}

/**
 * Checks whether a reported test file belongs to a changed file. This is the case if (1) both are the same
 * file, (2) the changed file is a snapshot of the test file, or (3) the test file is built from the changed
 * file. For example, `dist/test/a.test.js` is built from `test/a.test.ts`.
 */
function comesFrom(file: string, changed: string): boolean {
  const source = changed.replace(/__snapshots__\/([^/]+)\.snap$/, '$1');
  if (file === source) return true;
  const [built = '', ...inside] = withoutExtension(file).split('/');
  if (!/^\.?(dist|build|lib|out|output|compiled)/.test(built)) return false;
  const [, ...behindRoot] = withoutExtension(source).split('/');
  return inside.join('/') === withoutExtension(source) || inside.join('/') === behindRoot.join('/');
}

function withoutExtension(file: string): string {
  return file.replace(/\.[cm]?[jt]sx?$/, '');
}

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
