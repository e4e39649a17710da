import { readFlakyTests, recordFlakyTests } from '../../../database/flaky-tests.js';
import { appendEvent } from '../../../database/run-events.js';
import * as evidence from '../../../evidence/compare-tests.js';
import { countCases } from '../../../evidence/count-cases.js';
import type { Comparison, Finding, Proof, TestRun } from '../../../evidence/evidence.js';
import { findUnsure } from '../../../evidence/find-left-behind.js';
import {
  filesToProve,
  proveTests as judgeProof,
  type ProofRuns,
} from '../../../evidence/proof/prove-tests.js';
import { sortChanges } from '../../../evidence/proof/sort-changes.js';
import { runSuites } from '../../../evidence/run-suites.js';
import type { DetailedRun } from '../../../evidence/run-tests.js';
import { scanChange as scan } from '../../../evidence/scan/scan-change.js';
import type { RunEvent } from '../../../runs/run-event.js';
import type { Work } from '../../../runs/work.js';
import type { Task } from '../../../task/task.js';
import type { Workspace } from '../../../workspace/workspace.js';
import type { Dependencies } from '../../dependencies.js';
import { listAgentTexts } from '../agent-texts.js';
import type { Failures, TestRuns } from '../delivery.js';
import { openWorkspace } from '../open-workspace.js';
import type { ProjectSetup } from '../project-setup.js';
import { secretRules } from '../secret-rules.js';
import { type FoundChange, writersOf } from './find-change.js';
import { openCopy } from './open-copy.js';

/*
 * The steps that produce the evidence. The tests run in fresh copies of the repository. Such a copy can
 * contain the agent's change, but nothing else that the agent touched.
 */

const minuteMs = 60_000;
/** Maximum number of failures whose errors are kept. The agent sees fewer. */
const maxFailures = 20;
const maxFileBytes = 16 * 1024 * 1024;

/** Runs the repository's tests on the unmodified base commit. */
export async function runTestsBefore(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
): Promise<TestRun | null> {
  return (await measure(d, task, project, 'before', [task.base.commit]))?.run ?? null;
}

export async function runTestsAfter(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  change: string,
): Promise<TestRun | null> {
  return (await measure(d, task, project, 'after', [change]))?.run ?? null;
}

/**
 * Compares the results test by test. Repeats newly failing tests, and tests that failed before, to find out
 * whether they are flaky. Remembers flaky tests for later runs on the repository.
 * @returns also why tests newly fail, as far as the repeated run shows it
 */
export async function compareTests(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  change: string,
  { before, after }: TestRuns,
): Promise<{ comparison: Comparison | null; failures: Failures }> {
  const { id } = task.repository;
  const known = await readFlakyTests(d.db, id);
  const first = evidence.compareTests(before, after, undefined, known);
  if (!first || !before || !after) return { comparison: first, failures: [] };
  const repeat = async (when: When, commit: string, tests: string[], of: TestRun) =>
    tests.length === 0 ? null : measure(d, task, project, when, [commit], evidence.filesToRepeat(tests, of));
  const again = await repeat('again', change, first.newlyFailing, after);
  const mended = evidence.findMended(first, before);
  const onBase = await repeat('before-again', task.base.commit, mended, before);
  const runs = { after: again?.run ?? null, before: onBase?.run ?? null };
  const comparison = evidence.compareTests(before, after, runs, known);
  const earlier = new Set(before.cases.map((one) => one.id));
  await recordFlakyTests(d.db, id, comparison?.flaky.filter((test) => earlier.has(test)) ?? []);
  const failing = new Set(comparison?.newlyFailing);
  const failures = again?.failures.filter((one) => failing.has(one.id)) ?? [];
  return { comparison, failures: failures.slice(0, maxFailures) };
}

/**
 * Runs new and changed tests on the code of the base commit. A test that already passes there does not prove
 * that the change works. If tests pass there only with data of the change, such as a sample, they run once
 * more without it. Tests that seem to prove something run once more with the change, because they can be
 * flaky.
 */
export async function proveTests(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  change: string,
  { before, after }: TestRuns,
): Promise<Proof | null> {
  if (project.tests.length === 0) return null;
  const workspace = await openWorkspace(d.workspaces, task, project);
  const changes = await workspace.readChanges(change);
  const sorted = await sortChanges(changes, after, {
    findWord: (word) => workspace.findWord(change, word),
    readFile: (file) => workspace.readFile(change, file),
  });
  const { tests, support, data } = sorted;
  const isDeleted = new Set(changes.flatMap(({ path, status }) => (status === 'deleted' ? [path] : [])));
  if ([...tests, ...support].every((path) => isDeleted.has(path))) return null;
  const runOnBase = async (when: When, paths: string[], files: string[] | undefined) => {
    const tree: Parameters<Workspace['openScratchCopy']> = [task.base.commit, { commit: change, paths }];
    return (await measure(d, task, project, when, tree, files))?.run ?? null;
  };
  const filesIn = (ids: string[]) => (after ? evidence.filesToRepeat(ids, after) : undefined);
  const known = await readFlakyTests(d.db, task.repository.id);
  const files = filesToProve(sorted, after);
  const onBase = await runOnBase('against-base', [...tests, ...support, ...data], files);
  const runs: ProofRuns = { before, after, onBase, withoutData: null, again: null };
  const first = judgeProof(sorted, runs, known);
  if (first && data.length > 0 && first.provesNothing.length > 0)
    runs.withoutData = await runOnBase('without-data', [...tests, ...support], filesIn(first.provesNothing));
  const proven = first?.proves.map(({ id }) => id) ?? [];
  if (proven.length > 0)
    runs.again = (await measure(d, task, project, 'proof-again', [change], filesIn(proven)))?.run ?? null;
  return judgeProof(sorted, runs, known);
}

/** Scans the change for content that must not be pushed and for content that reviewers must see. */
export async function scanChange(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  { change, leftOut }: FoundChange,
  work: Work,
  { before, after }: TestRuns,
): Promise<Finding[]> {
  const workspace = await openWorkspace(d.workspaces, task, project);
  const mirror = d.mirrors.open(task.repository);
  const since = task.start.diffBase;
  const changes = await workspace.readChanges(change, since);
  const basePaths = await mirror.listFiles(task.base.commit);
  const findings = await scan(
    {
      changes,
      omitted: await workspace.readOmittedPaths(change),
      basePaths,
      ignoredFiles: await findPresent(workspace, work),
      unsureFiles: findUnsure(changes, writersOf(work, before), after?.wrote ?? [], basePaths),
      isOnBase: async (word) => (await workspace.findWord(task.base.commit, word)).length > 0,
      readFile: async (file) => {
        const changed = (await workspace.readChanges(change)).find(({ path }) => path === file);
        if (!changed) return mirror.readFile(task.base.commit, file, maxFileBytes);
        return changed.blob && (await workspace.readBlob(changed.blob)).toString();
      },
      readBlob: (blob) => workspace.readBlob(blob),
      addedLines: (file) => workspace.readAddedLines(change, file, since),
      texts: listAgentTexts(work, task.branch),
    },
    {
      ...(await secretRules(d, task)),
      protectedPaths: [...d.config.protectedPaths, ...task.settings.protectedPaths],
    },
  );
  if (task.feedback?.kind === 'conflict') findings.push(...(await findConflictMarkers(workspace, change)));
  const count = (severity: string) => findings.filter((finding) => finding.severity === severity).length;
  const listed = leftOut.slice(0, maxListed);
  if (leftOut.length > maxListed) listed.push(`and ${leftOut.length - maxListed} more`);
  const event = {
    type: 'scanned' as const,
    blocked: count('block'),
    marked: count('mark'),
    leftOut: await Promise.all(listed.map((path) => d.publisher.redact(path))),
  };
  await appendEvent(d.db, task.runId, event, `scanned-${work.spend.turns}`);
  return findings;
}

/**
 * Returns the ignored files that exist in the agent's tree. If the tree has other content than the work, for
 * example on another machine, every file counts as present.
 */
async function findPresent(
  workspace: Workspace,
  { ignoredFiles: paths, checkpoint }: Work,
): Promise<string[]> {
  if (paths.length === 0 || workspace.treeCommit !== checkpoint) return paths;
  const script = 'for one in "$@"; do [ -e "$one" ] && echo yes || echo no; done';
  const { stdout } = await workspace.sandbox.execute({ script, args: paths, timeoutMs: lookTimeoutMs });
  const answers = stdout.split('\n');
  return paths.filter((_, index) => answers[index] === 'yes');
}

const lookTimeoutMs = 30_000;
/** Maximum number of paths in an event. */
const maxListed = 20;

type When = Extract<RunEvent, { type: 'tests-run' }>['when'];

/**
 * Runs the tests in a fresh copy of the project, and then removes the copy.
 * @returns null if the project has no tests, or the packages of the change could not be installed
 */
async function measure(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  when: When,
  tree: Parameters<Workspace['openScratchCopy']>,
  files?: string[],
): Promise<DetailedRun | null> {
  if (project.tests.length === 0) return null;
  const workspace = await openWorkspace(d.workspaces, task, project);
  const copy = await openCopy(task, project, workspace, tree);
  if (!copy) return null;
  try {
    const timeoutMs = task.settings.timeouts.test * minuteMs;
    const [commit, overlay] = tree;
    const changes = await workspace.readChanges(overlay?.commit ?? commit);
    const startedAt = Date.now();
    const detailed = await runSuites(copy.sandbox, project.tests, {
      timeoutMs,
      changed: changes.map(({ path }) => path),
      leavesOutGuesses: when === 'before',
      ...(files && { files }),
    });
    const event = { type: 'tests-run' as const, when, tests: countTests(detailed.run) };
    await appendEvent(d.db, task.runId, event, `tests-run-${when}-${overlay?.commit ?? commit}`);
    if (when !== 'before' && when !== 'after') return detailed;
    const added = changes.flatMap(({ path, status }) => (status === 'added' ? [path] : []));
    const wrote = await copy.listWritten(startedAt, added);
    return wrote.length === 0 ? detailed : { ...detailed, run: { ...detailed.run, wrote } };
  } finally {
    await copy.dispose();
  }
}

/** Git writes these markers into a file if both sides of a merge changed the same lines. */
const conflictMarker = /^(?:<{7} |>{7} )/m;

async function findConflictMarkers(workspace: Workspace, change: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { path, blob } of await workspace.readChanges(change))
    if (blob && conflictMarker.test((await workspace.readBlob(blob)).toString('latin1')))
      findings.push({ severity: 'block', rule: 'conflict', path, says: 'still has conflict markers' });
  return findings;
}

function countTests(run: TestRun): Extract<RunEvent, { type: 'tests-run' }>['tests'] {
  const { command, runner, exitCode, ended, durationMs } = run;
  return { command, runner, ...countCases(run.cases), exitCode, ended, durationMs };
}
