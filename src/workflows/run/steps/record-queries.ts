import { performance } from 'node:perf_hooks';
import { appendEvent } from '../../../database/run-events.js';
import type { MeasuredCoverage } from '../../../evidence/changed-lines/measure-coverage.js';
import { type Comparison, isGood, type TestRun } from '../../../evidence/evidence.js';
import type { Queries } from '../../../evidence/query-evidence.js';
import { compareQueries } from '../../../queries/compare-queries.js';
import { type Recorded, recordQueries as record } from '../../../queries/record-queries.js';
import type { Task } from '../../../task/task.js';
import type { Workspace } from '../../../workspace/workspace.js';
import type { Dependencies } from '../../dependencies.js';
import { openWorkspace } from '../open-workspace.js';
import type { ProjectSetup } from '../project-setup.js';
import { openCopy } from './open-copy.js';

const minuteMs = 60_000;
/** Files run one after the other, so that only one test runs at a time. */
const maxFiles = 10;

/**
 * Lets Postgres record the statements that the tests of the change run, and those that the same files run on
 * the base commit. The results of these runs do not count.
 * @param options.measured says which test files run changed lines
 * @returns null if it is turned off, if tests newly fail, or if the tests of the change use no Postgres
 */
export async function recordQueries(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  change: string,
  options: { after: TestRun | null; comparison: Comparison | null; measured: MeasuredCoverage | null },
): Promise<Queries | null> {
  const { after, comparison, measured } = options;
  if (!task.settings.queries || !after || !isGood(after, comparison)) return null;
  const startedAt = performance.now();
  const workspace = await openWorkspace(d.workspaces, task, project);
  const [server] = workspace.databases;
  const files = server ? await findTestFiles(workspace, change, after, measured) : [];
  if (!server || files.length === 0) return null;
  const deadline = Date.now() + task.settings.timeouts.test * minuteMs;
  const recordAt = async (commit: string, wanted: string[]): Promise<Recorded | null> => {
    const copy = wanted.length > 0 ? await openCopy(task, project, workspace, [commit]) : null;
    if (!copy) return null;
    try {
      return await record({ sandbox: copy.sandbox, server, deadline }, project.tests, wanted);
    } finally {
      await copy.dispose();
    }
  };
  const chosen = files.slice(0, maxFiles);
  const baseFiles = new Set(await workspace.listFiles(task.base.commit));
  // Numbers of statements do not depend on time, so the two do not disturb each other.
  const recording = [
    recordAt(change, chosen),
    recordAt(
      task.base.commit,
      chosen.filter((file) => baseFiles.has(file)),
    ),
  ] as const;
  // After an error, the other copy must not stay in use.
  await Promise.allSettled(recording);
  const [recorded, before] = await Promise.all(recording);
  // Without any statement, it is likely that these tests use no database.
  if (!recorded || usesNoDatabase(recorded)) return null;
  const leftOut = files.length - chosen.length;
  const queries = compareQueries(server.title, { before, after: recorded, leftOut });
  const { tests, statements, repeated, unindexed } = queries;
  const event = {
    ...{ type: 'queries-recorded' as const, commit: change, tests, statements },
    ...{ repeated: repeated.length, unindexed: unindexed.length },
    durationMs: Math.round(performance.now() - startedAt),
  };
  await appendEvent(d.db, task.runId, event, `queries-recorded-${change}`);
  return queries;
}

function usesNoDatabase({ tests, unrecorded, fault }: Recorded): boolean {
  return fault === null && unrecorded.length === 0 && tests.every(({ statements }) => statements === 0);
}

/** Lists the test files that the change adds or edits, followed by those that run changed lines. */
async function findTestFiles(
  workspace: Workspace,
  change: string,
  after: TestRun,
  measured: MeasuredCoverage | null,
): Promise<string[]> {
  const ran = new Set(
    after.cases.flatMap(({ file, outcome }) => (file && outcome !== 'skipped' ? file : [])),
  );
  const changed = (await workspace.readChanges(change)).map(({ path }) => path);
  const reaching = measured?.reach.flatMap(({ tests }) => tests ?? []) ?? [];
  return [...new Set([...changed, ...reaching])].filter((file) => ran.has(file));
}
