import { appendEvent } from '../../../database/run-events.js';
import { compareTests } from '../../../evidence/compare-tests.js';
import type { TestRun } from '../../../evidence/evidence.js';
import type { Migrations, OldCode } from '../../../evidence/migration-evidence.js';
import { runSuites } from '../../../evidence/run-suites.js';
import type { FoundMigrations } from '../../../migrations/find/find-migrations.js';
import { applyMigrations, rehearseMigrations as rehearse } from '../../../migrations/rehearse-migrations.js';
import type { Task } from '../../../task/task.js';
import type { Workspace } from '../../../workspace/workspace.js';
import type { Dependencies } from '../../dependencies.js';
import { openChangedSetup } from '../changed-setup.js';
import { openWorkspace } from '../open-workspace.js';
import type { ProjectSetup } from '../project-setup.js';
import { findChangedMigrations } from './changed-migrations.js';

const minuteMs = 60_000;

/**
 * Rehearses the migrations of the change on a database with rows. Then runs the tests of the base commit,
 * with its code, on the new schema: while a new version is rolled out, the old one still runs.
 * @param before the results of these tests on the old schema
 * @returns null if the change touches no migrations
 */
export async function rehearseMigrations(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  change: string,
  before: TestRun | null,
): Promise<Migrations | null> {
  const startedAt = Date.now();
  const workspace = await openWorkspace(d.workspaces, task, project);
  const baseCommit = task.base.commit;
  const found = await findChangedMigrations(task, project, workspace, change);
  if (!found) return null;
  const openCopy = async () => {
    const changed = await openChangedSetup(task, workspace, change);
    return changed?.isFailed ? null : workspace.openScratchCopy(baseCommit, null, changed?.after);
  };
  const timeoutMs = task.settings.timeouts.test * minuteMs;
  const options = { workspace, baseCommit, commit: change, openCopy, timeoutMs };
  const migrations = await rehearse(found, options);
  if (migrations.notRehearsed === null && migrations.stages[0]?.error === null)
    migrations.oldCode = await testOldCode(task, project, workspace, found, change, before);
  const { tool, added, rows, faults, notRehearsed } = migrations;
  const event = {
    ...{ type: 'migrations-rehearsed' as const, commit: change, tool, rows, notRehearsed },
    ...{ added: added.length, faults: faults.length, durationMs: Date.now() - startedAt },
  };
  await appendEvent(d.db, task.runId, event, `migrations-rehearsed-${change}`);
  return migrations;
}

/**
 * Applies the migrations to the database of the set-up, beside the code of the base commit, and runs its
 * tests. If tests fail, all of this happens once more, because they may be flaky.
 * @returns null if there are no results to compare
 */
async function testOldCode(
  task: Task,
  project: ProjectSetup,
  workspace: Workspace,
  found: FoundMigrations,
  change: string,
  before: TestRun | null,
): Promise<OldCode | null> {
  if (!before || project.tests.length === 0) return null;
  const options = { workspace, baseCommit: task.base.commit, commit: change };
  const timeoutMs = task.settings.timeouts.test * minuteMs;
  const run = async () => {
    const copy = await workspace.openScratchCopy(task.base.commit, { commit: change, paths: found.paths });
    try {
      if (!(await applyMigrations(found, copy, { ...options, timeoutMs }))) return null;
      return (await runSuites(copy.sandbox, project.tests, { timeoutMs })).run;
    } finally {
      await copy.dispose();
    }
  };
  const first = await run();
  const failing = compareTests(before, first)?.newlyFailing ?? [];
  const compared = compareTests(before, first, {
    after: failing.length > 0 ? await run() : null,
    before: null,
  });
  return compared && { passed: compared.stillPassing, failing: compared.newlyFailing };
}
