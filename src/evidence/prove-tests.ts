import type { Change } from '../workspace/workspace.js';
import type { Proof, TestCase, TestRun } from './evidence.js';
import { parentsOf } from './runners/parsers/test-case.js';
import { isTestPath } from './runners/runners.js';

/**
 * The test files, with their helpers, fixtures and snapshots, that a change adds, changes, moves or takes
 * away: what has to be laid over the base's code. None where tests are only taken away.
 */
export function findTestFiles(changes: readonly Pick<Change, 'path' | 'status' | 'from'>[]): string[] {
  if (!changes.some(({ path, status }) => status !== 'deleted' && isTestPath(path))) return [];
  const paths = changes.flatMap(({ path, from }) => (from ? [path, from] : [path]));
  return [...new Set(paths.filter((path) => isTestPath(path)))];
}

/**
 * Of the changed files those that the runner knows as tests; the others are helpers.
 * @returns undefined where everything has to run: the runner names no files, or only helpers were changed
 */
export function filesToProve(files: readonly string[], after: TestRun | null): string[] | undefined {
  if (!after || after.cases.some(({ file }) => file === null)) return undefined;
  const known = new Set(after.cases.flatMap(({ file }) => file ?? []));
  const tests = [...known].filter((file) => files.some((changed) => isOf(file, changed)));
  return tests.length > 0 ? tests : undefined;
}

interface Runs {
  before: TestRun | null;
  after: TestRun | null;
  /** The change's test files on the base's code. */
  onBase: TestRun | null;
}

/**
 * What the new and changed tests say about the change: one that fails on the base's code and passes here
 * proves it, a new one that passes there too proves nothing.
 * @returns null where the tests were not run
 */
export function proveTests(files: readonly string[], { before, after, onBase }: Runs): Proof | null {
  if (!after || !onBase) return null;
  const proof: Proof = { files: [...files], proves: [], provesNothing: [] };
  if (after.granularity !== 'per-test') return { ...proof, note: proofByExitCode(after, onBase) };

  const known = byId(before);
  const there = byId(onBase);
  const onlyHelpers = filesToProve(files, after) === undefined;
  const notLoaded = new Set<string>();
  const failedThere = new Set(onBase.cases.flatMap(({ id, outcome }) => (outcome === 'failed' ? id : [])));
  for (const { id, file, outcome } of after.cases) {
    if (outcome !== 'passed') continue;
    const onOldCode = there.get(id)?.outcome;
    const passedBefore = known.get(id)?.outcome === 'passed';
    // Where no file tells: what is new, or did not pass before, or no longer passes there, is what the change
    // is about.
    const concerned =
      onlyHelpers || file === null
        ? !passedBefore || onOldCode === 'failed'
        : files.some((changed) => isOf(file, changed));
    if (!concerned) continue;
    if (onOldCode === 'passed') {
      if (!known.has(id)) proof.provesNothing.push(id);
    } else if (onOldCode === 'failed') proof.proves.push(id);
    else if (onOldCode === undefined && couldNotLoad(id, before, onBase, failedThere)) {
      proof.proves.push(id);
      notLoaded.add(file ?? id);
    }
  }
  const notes = [
    ...(onBase.ended === 'exited' ? [] : ["The new tests did not come to an end on the base's code."]),
    ...(notLoaded.size > 0
      ? [
          `Could not be loaded on the base's code, and so counted as failing there: ${listed([...notLoaded])}.`,
        ]
      : []),
  ];
  return { ...proof, ...(notes.length > 0 && { note: notes.join(' ') }) };
}

/**
 * The base lacks what the test imports: its file, suite or package fails as a whole; or, where the runner
 * gives up for one bad file, or a build comes first, everything does, on a base whose own tests do run.
 */
function couldNotLoad(
  id: string,
  before: TestRun | null,
  onBase: TestRun,
  failedThere: ReadonlySet<string>,
): boolean {
  if (onBase.ended !== 'exited' || onBase.exitCode === 0) return false;
  if (onBase.cases.length === 0) return before?.granularity === 'per-test';
  return parentsOf(id).some((parent) => failedThere.has(parent));
}

/**
 * The same file, the test of a snapshot, or what a build makes of it (`dist/test/a.test.js` of
 * `test/a.test.ts`).
 */
function isOf(file: string, changed: string): boolean {
  const source = changed.replace(/__snapshots__\/([^/]+)\.snap$/, '$1');
  if (file === source) return true;
  const [built = '', ...inside] = stem(file).split('/');
  if (!/^\.?(dist|build|lib|out|output|compiled)/.test(built)) return false;
  const [, ...behindRoot] = stem(source).split('/');
  return inside.join('/') === stem(source) || inside.join('/') === behindRoot.join('/');
}

function stem(file: string): string {
  return file.replace(/\.[cm]?[jt]sx?$/, '');
}

function proofByExitCode(after: TestRun, onBase: TestRun): string {
  if (after.exitCode !== 0) return 'The tests do not pass here, so the new ones prove nothing yet.';
  if (onBase.ended !== 'exited') return "The new tests did not come to an end on the base's code.";
  return onBase.exitCode === 0
    ? "Results are by exit code only: with the new tests, the base's code passes too. They prove nothing about the change."
    : "Results are by exit code only: with the new tests, the base's code fails, and this change passes.";
}

function listed(names: string[]): string {
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  return `${names.slice(0, 5).join(', ')}${more}`;
}

function byId(run: TestRun | null): Map<string, TestCase> {
  return new Map(run?.cases.map((one) => [one.id, one]));
}
