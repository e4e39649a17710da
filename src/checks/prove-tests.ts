import type { Change } from '../workspace/workspace.js';
import type { Proof, TestCase, TestRun } from './evidence.js';

/** How the languages' runners tell tests by their names and places. */
const testFile =
  /(^|\/)(__tests__|tests?|specs?|testing)\/|(^|\/)(test_[^/]*|[^/]*[._-](test|spec|tests|specs))\.[a-z]+$|(^|\/)[^/]*(Test|Tests|Spec|IT)\.(java|kt|groovy|php|cs|fs|scala)$|(^|\/)conftest\.py$/i;

/** The test files, with their helpers and fixtures, that a change adds or changes. */
export function findTestFiles(changes: readonly Pick<Change, 'path' | 'status'>[]): string[] {
  return changes
    .filter(({ path, status }) => status !== 'deleted' && testFile.test(path))
    .map(({ path }) => path);
}

interface Runs {
  before: TestRun | null;
  after: TestRun | null;
  /** The change's test files on the base's code. */
  onBase: TestRun | null;
}

/**
 * What the new and changed tests say about the change: one that fails on the base's code and passes here proves it, a
 * new one that passes there too proves nothing.
 * @returns null where the tests were not run
 */
export function proveTests(files: readonly string[], { before, after, onBase }: Runs): Proof | null {
  if (!after || !onBase) return null;
  const proof: Proof = { files: [...files], proves: [], provesNothing: [] };
  if (onBase.ended !== 'exited')
    return { ...proof, note: "The new tests did not come to an end on the base's code." };
  if (after.granularity !== 'per-test') return { ...proof, note: proofByExitCode(after, onBase) };

  const known = byId(before);
  const there = byId(onBase);
  const changed = new Set(files);
  for (const { id, file, outcome } of after.cases) {
    // Runners that name no file: what is new, or did not pass before, is what the change is about.
    const concerned = file === null ? known.get(id)?.outcome !== 'passed' : changed.has(file);
    if (outcome !== 'passed' || !concerned) continue;
    const onOldCode = there.get(id)?.outcome;
    if (onOldCode === 'passed') {
      if (!known.has(id)) proof.provesNothing.push(id);
    } else if (onOldCode === 'failed' || couldNotLoad(onBase, file)) proof.proves.push(id);
  }
  return proof;
}

/** The base lacks what the test imports: the file fails as a whole, and every new test in it with it. */
function couldNotLoad(onBase: TestRun, file: string | null): boolean {
  if (onBase.exitCode === 0) return false;
  if (file === null) return onBase.cases.length === 0 || onBase.granularity === 'exit-code';
  return onBase.cases.every((one) => one.file !== file || one.id === file);
}

function proofByExitCode(after: TestRun, onBase: TestRun): string {
  if (after.exitCode !== 0) return 'The tests do not pass here, so the new ones prove nothing yet.';
  return onBase.exitCode === 0
    ? "Results are by exit code only: with the new tests, the base's code passes too. They prove nothing about the change."
    : "Results are by exit code only: with the new tests, the base's code fails, and this change passes.";
}

function byId(run: TestRun | null): Map<string, TestCase> {
  return new Map(run?.cases.map((one) => [one.id, one]));
}
