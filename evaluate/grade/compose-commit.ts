import { reportsFolder } from '../../src/evidence/runners/runner.js';
import type { Task } from '../task.js';
import { composeChecks } from './checks.js';
import { isControlFile, isPackageFile, isTestFile, takeControls } from './control-files.js';
import type { TaskRepository, TreeEntry } from './task-repository.js';

/** A change to grade: a patch of the base commit, or two commits that the repository contains. */
export type Candidate = { patch: string } | { from: string; to: string };

interface Options {
  candidate: Candidate;
  /** Name of the test runner, as in the evidence. */
  runner: string;
  /** The word in the names of the checks; null for no checks. */
  token: string | null;
}

export interface Composed {
  commit: string;
  /** Paths of the change that were replaced by their version in the merged fix, or removed. */
  reset: string[];
  /** A file of the change that mentions the folder of test reports; null if there is none. */
  forging: string | null;
  /** Number of tests that must fail. */
  checks: number;
}

/**
 * Composes the commit to measure: the base commit, the change, and the hidden tests. Tests of the change, and
 * everything in it that decides how tests run, is replaced by the version in the merged fix.
 */
export async function composeCommit(
  repository: TaskRepository,
  task: Task,
  { candidate, runner, token }: Options,
): Promise<Composed> {
  const base = await repository.treeOf(task.base_commit);
  const tests = await repository.applyPatch(base, task.test_patch);
  const reference = await repository.applyPatch(tests, task.patch);
  const hidden = await repository.compareTrees(base, tests);
  const changes =
    'patch' in candidate
      ? await repository.compareTrees(base, await repository.applyPatch(base, candidate.patch))
      : await repository.compareTrees(
          await repository.treeOf(candidate.from),
          await repository.treeOf(candidate.to),
        );
  const isReset = await createIsReset(repository, { hidden, tests, reference });
  const kept = changes.filter(({ path, mode }) => !isReset(path) && mode !== '160000');
  const merged = await repository.writeTree(base, kept);
  const controls = await findControls(repository, { base, reference, changes, isReset });
  const packages = await mergePackages(repository, { base, merged, reference }, kept);
  const checked =
    token === null ? { entries: [], count: 0 } : await addChecks(repository, hidden, runner, token);
  const tree = await repository.writeTree(merged, [...controls, ...packages, ...checked.entries]);
  const forging = await findForging(repository, kept);
  return {
    commit: await repository.seal(tree),
    reset: changes.filter(({ path, blob }) => isReset(path) && !isSame(controls, path, blob)).map(pathOf),
    forging,
    checks: checked.count,
  };
}

const pathOf = ({ path }: TreeEntry) => path;

function isSame(entries: readonly TreeEntry[], file: string, blob: string): boolean {
  return entries.some((entry) => entry.path === file && entry.blob === blob);
}

interface Trees {
  /** The files of the hidden tests. */
  hidden: readonly TreeEntry[];
  tests: string;
  reference: string;
}

/**
 * Creates the function that decides whether a file comes from the merged fix. A file that looks like a test
 * and that the merged fix changes outside of the hidden tests is part of the solution.
 */
async function createIsReset(
  repository: TaskRepository,
  { hidden, tests, reference }: Trees,
): Promise<(file: string) => boolean> {
  const ofTests = new Set(hidden.map(pathOf));
  const ofFix = new Set((await repository.compareTrees(tests, reference)).map(({ path }) => path));
  return (file) => ofTests.has(file) || isControlFile(file) || (isTestFile(file) && !ofFix.has(file));
}

/** Finds the files to take from the merged fix: the hidden tests and what decides how tests run. */
async function findControls(
  repository: TaskRepository,
  {
    base,
    reference,
    changes,
    isReset,
  }: { base: string; reference: string; changes: readonly TreeEntry[]; isReset(file: string): boolean },
): Promise<TreeEntry[]> {
  const ofReference = await repository.compareTrees(base, reference);
  const files = new Set([...ofReference, ...changes].map(({ path }) => path).filter(isReset));
  const entries: TreeEntry[] = [];
  for (const file of files) {
    const entry = await repository.findEntry(reference, file);
    entries.push(entry ?? { path: file, mode: '0', blob: '0'.repeat(40) });
  }
  return entries;
}

/** Gives each package.json the scripts and the settings of runners that the merged fix has. */
async function mergePackages(
  repository: TaskRepository,
  { base, merged: tree, reference }: { base: string; merged: string; reference: string },
  changes: readonly TreeEntry[],
): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const changed = [...changes, ...(await repository.compareTrees(base, reference))].map(pathOf);
  for (const file of new Set(changed.filter(isPackageFile))) {
    const [own, other] = [
      await repository.findEntry(tree, file),
      await repository.findEntry(reference, file),
    ];
    if (!own || !other) continue;
    const text = (await repository.readBlob(own.blob)).toString('utf8');
    const merged = takeControls(text, (await repository.readBlob(other.blob)).toString('utf8'));
    if (merged !== text) entries.push({ ...own, blob: await repository.writeBlob(merged) });
  }
  return entries;
}

async function addChecks(
  repository: TaskRepository,
  hidden: readonly TreeEntry[],
  runner: string,
  token: string,
): Promise<{ entries: TreeEntry[]; count: number }> {
  const entries: TreeEntry[] = [];
  let count = 0;
  for (const [index, entry] of hidden.entries()) {
    if (!entry.mode.startsWith('100') || !isRunnable(entry.path)) continue;
    const content = (await repository.readBlob(entry.blob)).toString('utf8');
    const checks = composeChecks(entry.path, content, runner, `${token}${index}`);
    if (!checks) continue;
    entries.push({ ...entry, blob: await repository.writeBlob(content + checks.text) });
    count += checks.count;
  }
  return { entries, count };
}

/** Returns whether a file contains tests, and is not a helper or a fixture of tests. */
function isRunnable(file: string): boolean {
  return (
    isTestFile(file) && !/(^|\/)(__init__|conftest|__mocks__|__snapshots__|fixtures?)(\/|\.py$)/.test(file)
  );
}

async function findForging(
  repository: TaskRepository,
  changes: readonly TreeEntry[],
): Promise<string | null> {
  for (const { path, mode, blob } of changes)
    if (/^1[02]/.test(mode) && (await repository.readBlob(blob)).includes(reportsFolder)) return path;
  return null;
}
