import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { appendEvent } from '../../../database/run-events.js';
import { findCodeLines } from '../../../evidence/changed-lines/find-code-lines.js';
import type { ChangedFile } from '../../../evidence/changed-lines/locate-lines.js';
import {
  type MeasuredCoverage,
  measureCoverage as measure,
} from '../../../evidence/changed-lines/measure-coverage.js';
import { addGo, type GoFile, isGo, nameGoFile } from '../../../evidence/changed-lines/measure-go.js';
import { addPython, isPython } from '../../../evidence/changed-lines/measure-python.js';
import { isScript } from '../../../evidence/changed-lines/parse-script.js';
import { recordCoverage } from '../../../evidence/changed-lines/record-coverage.js';
import { type Comparison, isGood, type Mutations, type TestRun } from '../../../evidence/evidence.js';
import { isProductCode } from '../../../evidence/find-faults.js';
import { chooseMutations } from '../../../evidence/mutations/choose-mutations.js';
import { tryMutations as tryAll } from '../../../evidence/mutations/try-mutations.js';
import type { Task } from '../../../task/task.js';
import type { ScratchCopy, Workspace } from '../../../workspace/workspace.js';
import type { Dependencies } from '../../dependencies.js';
import { openWorkspace } from '../open-workspace.js';
import type { ProjectSetup } from '../project-setup.js';
import { findChangedMigrations } from './changed-migrations.js';
import { openCopy } from './open-copy.js';

/*
 * The steps that measure the tests of a change: which of its lines they run, and which faults they notice.
 * Both run in fresh copies, after the results of the tests are known to be good.
 */

const minuteMs = 60_000;
const maxFileBytes = 1024 * 1024;
const maxFiles = 200;

/**
 * Runs all tests once more and records which changed lines they run. The results of this run do not count,
 * because recording can affect them.
 * @returns null if it is turned off, if tests newly fail, or if no changed code can be measured
 */
export async function measureCoverage(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  change: string,
  { after, comparison }: { after: TestRun | null; comparison: Comparison | null },
): Promise<MeasuredCoverage | null> {
  if (!task.settings.coverage || !after || !isGood(after, comparison)) return null;
  const startedAt = performance.now();
  const workspace = await openWorkspace(d.workspaces, task, project);
  const changed = await listChanged(task, project, workspace, change);
  const files = await readScripts(workspace, changed);
  // Python itself finds out which lines can run.
  const python = changed.filter((one) => isPython(one.path));
  const go = await readGo(workspace, change, changed);
  if (files.length + python.length + go.length === 0) return null;
  const copy = await openCopy(task, project, workspace, [change]);
  if (!copy) return null;
  try {
    const timeoutMs = Math.min(task.settings.timeouts.test * minuteMs, 3 * after.durationMs + minuteMs);
    const paths = [...files, ...python, ...go].map(({ path }) => path);
    const records = await recordCoverage(copy.sandbox, project.tests, paths, timeoutMs);
    const ran = after.cases.filter(({ outcome }) => outcome !== 'skipped');
    const scripts = measure(files, records, [...new Set(ran.flatMap(({ file }) => file ?? []))]);
    const coverage = addGo(addPython(scripts.coverage, python, records), go, records);
    const measured = { ...scripts, coverage };
    const { lines, reached } = measured.coverage;
    const durationMs = Math.round(performance.now() - startedAt);
    const event = { type: 'coverage-measured' as const, commit: change, lines, reached, durationMs };
    await appendEvent(d.db, task.runId, event, `coverage-measured-${change}`);
    return measured;
  } finally {
    await copy.dispose();
  }
}

/** Reads the scripts among changed files, with the changed lines that can run. */
async function readScripts(workspace: Workspace, changed: readonly ChangedLines[]): Promise<ChangedFile[]> {
  const files: ChangedFile[] = [];
  for (const { path, blob, lines: added } of changed.filter((one) => isScript(one.path))) {
    const text = (await workspace.readBlob(blob)).toString();
    const isAdded = new Set(added);
    const lines = findCodeLines(path, text)?.filter(({ line }) => isAdded.has(line)) ?? [];
    if (lines.length > 0) files.push({ path, text, lines });
  }
  return files;
}

/** Reads the Go files among changed files. */
async function readGo(
  workspace: Workspace,
  change: string,
  changed: readonly ChangedLines[],
): Promise<GoFile[]> {
  const files: GoFile[] = [];
  for (const { path, blob, lines } of changed.filter((one) => isGo(one.path))) {
    const name = await nameGoFile(path, (file) => workspace.readFile(change, file));
    files.push({ path, name, text: (await workspace.readBlob(blob)).toString(), lines });
  }
  return files;
}

interface ChangedLines {
  path: string;
  blob: string;
  lines: number[];
}

/**
 * Lists the changed files of the product whose coverage can be measured, with their added lines. Leaves out
 * migrations, because their rehearsal runs them.
 */
async function listChanged(
  task: Task,
  project: ProjectSetup,
  workspace: Workspace,
  change: string,
): Promise<ChangedLines[]> {
  const files: ChangedLines[] = [];
  const migrations = new Set((await findChangedMigrations(task, project, workspace, change))?.paths);
  for (const { path, blob, newMode, added, size } of await workspace.readChanges(change)) {
    const isFile = newMode.startsWith('100') && size <= maxFileBytes && !path.includes('\n');
    if (
      !blob ||
      !isFile ||
      migrations.has(path) ||
      !(isScript(path) || isPython(path) || isGo(path)) ||
      !isProductCode(path) ||
      !added
    )
      continue;
    const lines = (await workspace.readAddedLines(change, path)).map(({ line }) => line);
    files.push({ path, blob, lines });
    if (files.length === maxFiles) break;
  }
  return files;
}

/**
 * Puts small faults into the changed lines, one at a time, and runs the tests that run these lines.
 * @returns null if it is turned off, or if no mutation of the changed lines is known
 */
export async function tryMutations(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  change: string,
  { after, measured }: { after: TestRun | null; measured: MeasuredCoverage | null },
): Promise<Mutations | null> {
  if (task.settings.mutations === 0 || !after || !measured || measured.reach.length === 0) return null;
  const startedAt = performance.now();
  const workspace = await openWorkspace(d.workspaces, task, project);
  const texts = new Map<string, string>();
  const changed = await listChanged(task, project, workspace, change);
  for (const { path, text } of await readScripts(workspace, changed)) texts.set(path, text);
  const candidates = chooseMutations(texts, measured.reach, task.settings.mutations);
  if (candidates.length === 0) return null;
  const copies: ScratchCopy[] = [];
  try {
    const number = Math.min(maxCopies, availableParallelism(), candidates.length);
    while (copies.length < number) {
      const copy = await openCopy(task, project, workspace, [change]);
      if (!copy) return null;
      copies.push(copy);
    }
    const { durationMs } = after;
    const limitMs = (2 * durationMs) / number + leastMs;
    const budgetMs = Math.min(task.settings.timeouts.mutations * minuteMs, limitMs);
    const sandboxes = copies.map(({ sandbox }) => sandbox);
    const mutations = await tryAll(sandboxes, project.tests, candidates, { durationMs, budgetMs });
    const { tried, untried, unnoticed } = mutations;
    const event = {
      type: 'mutations-tried' as const,
      commit: change,
      tried,
      noticed: tried - unnoticed.length,
      untried,
      durationMs: Math.round(performance.now() - startedAt),
    };
    await appendEvent(d.db, task.runId, event, `mutations-tried-${change}`);
    return mutations;
  } finally {
    for (const copy of copies) await copy.dispose();
  }
}

/** Copies in which mutations are tried at the same time. Each of them runs the services of the repository. */
const maxCopies = 2;
/** Even the shortest tests get this time for their mutations. */
const leastMs = 2000;
