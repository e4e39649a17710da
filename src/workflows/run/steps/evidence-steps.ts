import { appendEvent } from '../../../database/run-events.js';
import * as evidence from '../../../evidence/compare-tests.js';
import type { Comparison, Finding, Proof, TestRun } from '../../../evidence/evidence.js';
import { filesToProve, findTestFiles, proveTests as judgeProof } from '../../../evidence/prove-tests.js';
import { runTests } from '../../../evidence/run-tests.js';
import { scanChange as scan } from '../../../evidence/scan/scan-change.js';
import { RunEndedError } from '../../../runs/outcome.js';
import type { RefusalReason } from '../../../runs/refusal-reason.js';
import type { RunEvent } from '../../../runs/run-event.js';
import type { Work } from '../../../runs/work.js';
import type { Task } from '../../../task/task.js';
import type { ScratchCopy, Workspace } from '../../../workspace/workspace.js';
import type { Dependencies } from '../../dependencies.js';
import { listAgentTexts } from '../agent-texts.js';
import { openChangedSetup } from '../changed-setup.js';
import type { TestRuns } from '../delivery.js';
import { openWorkspace } from '../open-workspace.js';
import type { ProjectSetup } from '../project-setup.js';
import { secretRules } from '../secret-rules.js';

/*
 * The steps that produce the evidence. The tests run in fresh copies of the repository. Such a copy can
 * contain the agent's change, but nothing else that the agent touched.
 */

const minuteMs = 60_000;

/**
 * Runs the repository's tests on the unmodified base commit.
 * @throws RunEndedError when the tests give no usable results
 */
export async function runTestsBefore(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
): Promise<TestRun | null> {
  const run = await measure(d, task, project, 'before', [task.base.commit]);
  const reason = run && findUnusableReason(run, task);
  if (reason) throw new RunEndedError({ kind: 'refusal', reason });
  return run;
}

/**
 * Finds the commit that contains the agent's change.
 * @returns the agent's last checkpoint; null if the agent changed nothing
 */
export async function findChange(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  { checkpoint }: Work,
): Promise<string | null> {
  if (!checkpoint || checkpoint === task.base.commit) return null;
  const workspace = await openWorkspace(d.workspaces, task, project);
  const changes = await workspace.readChanges(checkpoint, task.start.diffBase);
  const leftOut = Object.values(await workspace.readOmittedPaths(checkpoint)).flat();
  return changes.length + leftOut.length === 0 ? null : checkpoint;
}

export function runTestsAfter(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  change: string,
): Promise<TestRun | null> {
  return measure(d, task, project, 'after', [change]);
}

/** Compares the results test by test. Repeats newly failing tests to find out whether they are flaky. */
export async function compareTests(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  change: string,
  { before, after }: TestRuns,
): Promise<Comparison | null> {
  const first = evidence.compareTests(before, after, null);
  if (!first || !after || first.newlyFailing.length === 0) return first;
  const files = evidence.filesToRepeat(first, after);
  const again = await measure(d, task, project, 'again', [change], files);
  return evidence.compareTests(before, after, again);
}

/**
 * Runs new and changed tests on the code of the base commit. A test that already passes there does not prove
 * that the change works.
 */
export async function proveTests(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  change: string,
  { before, after }: TestRuns,
): Promise<Proof | null> {
  if (!project.test) return null;
  const workspace = await openWorkspace(d.workspaces, task, project);
  const paths = findTestFiles(await workspace.readChanges(change));
  if (paths.length === 0) return null;
  const tree: Parameters<Workspace['openScratchCopy']> = [task.base.commit, { commit: change, paths }];
  const onBase = await measure(d, task, project, 'against-base', tree, filesToProve(paths, after));
  return judgeProof(paths, { before, after, onBase });
}

/** Scans the change for content that must not be pushed and for content that reviewers must see. */
export async function scanChange(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  change: string,
  work: Work,
): Promise<Finding[]> {
  const workspace = await openWorkspace(d.workspaces, task, project);
  const since = task.start.diffBase;
  const findings = await scan(
    {
      changes: await workspace.readChanges(change, since),
      leftOut: await workspace.readOmittedPaths(change),
      basePaths: await d.mirrors.open(task.repository).listFiles(task.base.commit),
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
  await appendEvent(d.db, task.runId, { type: 'scanned', blocked: count('block'), marked: count('mark') });
  return findings;
}

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
): Promise<TestRun | null> {
  if (!project.test) return null;
  const workspace = await openWorkspace(d.workspaces, task, project);
  const copy = await openCopy(task, workspace, when, tree);
  if (!copy) return null;
  try {
    const timeoutMs = task.settings.timeouts.test * minuteMs;
    const run = await runTests(copy.sandbox, project.test, { timeoutMs, ...(files && { files }) });
    await appendEvent(d.db, task.runId, { type: 'tests-run', when, tests: countTests(run) });
    return run;
  } finally {
    await copy.dispose();
  }
}

/** Opens a scratch copy with the packages that the measurement needs. */
async function openCopy(
  task: Task,
  workspace: Workspace,
  when: When,
  [commit, overlay]: Parameters<Workspace['openScratchCopy']>,
): Promise<ScratchCopy | null> {
  if (when === 'before') return workspace.openScratchCopy(commit);
  const changed = await openChangedSetup(task, workspace, overlay?.commit ?? commit);
  if (!changed) return workspace.openScratchCopy(commit, overlay);
  if (changed.isFailed) return null;
  if (!overlay) return workspace.openScratchCopy(commit, null, changed.after);
  const base = await changed.onBase();
  return workspace.openScratchCopy(commit, { ...overlay, ...(base && { files: base.files }) }, base?.setUp);
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
  const count = (outcome: string) => run.cases.filter((test) => test.outcome === outcome).length;
  const { command, runner, exitCode, ended, durationMs } = run;
  const counts = { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
  return { command, runner, ...counts, exitCode, ended, durationMs };
}

/**
 * Returns why the results on the base commit cannot be compared with the results on the change; null if they
 * can be compared.
 */
function findUnusableReason(run: TestRun, { settings }: Task): RefusalReason | null {
  const { command, exitCode } = run;
  if (run.ended === 'timeout') return { kind: 'tests-time-out', command, minutes: settings.timeouts.test };
  if (run.ended === 'output-limit') return { kind: 'tests-print-too-much', command };
  const isMissing = exitCode === 127 || exitCode === 126 || /Missing script: /.test(run.outputTail);
  if (run.cases.length === 0 && isMissing)
    return { kind: 'test-command-missing', command, exitCode, output: run.outputTail.trim().slice(-600) };
  return null;
}
