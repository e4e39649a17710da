import type { RepositoryTree } from '../../../environment/repository-tree.js';
import { type FoundMigrations, findMigrations } from '../../../migrations/find/find-migrations.js';
import { applyMigrations } from '../../../migrations/rehearse-migrations.js';
import type { Task } from '../../../task/task.js';
import type { ScratchCopy, Workspace } from '../../../workspace/workspace.js';
import type { ProjectSetup } from '../project-setup.js';

/**
 * Finds the migrations that the change adds or edits.
 * @returns null if it touches none
 */
export async function findChangedMigrations(
  task: Task,
  project: ProjectSetup,
  workspace: Workspace,
  change: string,
): Promise<FoundMigrations | null> {
  return findMigrations({
    base: await openTree(workspace, task.base.commit),
    change: await openTree(workspace, change),
    changes: await workspace.readChanges(change),
    environment: project.environment,
    settings: task.settings,
  });
}

async function openTree(workspace: Workspace, commit: string): Promise<RepositoryTree> {
  const files = new Set(await workspace.listFiles(commit));
  return { files, readFile: (file) => workspace.readFile(commit, file) };
}

/**
 * Applies the migrations of the change before its tests, if CI does so. The set-up ran this command on the
 * base commit only. If it fails, the tests show that, and the rehearsal says why.
 */
export async function migrateForTests(
  task: Task,
  project: ProjectSetup,
  workspace: Workspace,
  change: string,
  copy: ScratchCopy,
): Promise<void> {
  const found = await findChangedMigrations(task, project, workspace, change);
  if (!found?.commands?.isForTests) return;
  const timeoutMs = task.settings.timeouts.test * 60_000;
  await applyMigrations(found, copy, { workspace, baseCommit: task.base.commit, commit: change, timeoutMs });
}
