import type { RepositoryTree } from '../../../environment/repository-tree.js';
import { type FoundMigrations, findMigrations } from '../../../migrations/find/find-migrations.js';
import { applyMigrations } from '../../../migrations/rehearse-migrations.js';
import type { Task } from '../../../task/task.js';
import type { ScratchCopy, Workspace } from '../../../workspace/workspace.js';
import type { ProjectSetup } from '../project-setup.js';

/** The migrations of the change that was measured last in each workspace. They depend only on the commit. */
const found = new WeakMap<Workspace, { change: string; migrations: Promise<FoundMigrations | null> }>();

/**
 * Finds the migrations that the change adds or edits. Almost every step asks for them, and the search reads
 * many files with git, so it happens once for a change.
 * @returns null if it touches none
 */
export async function findChangedMigrations(
  task: Task,
  project: ProjectSetup,
  workspace: Workspace,
  change: string,
): Promise<FoundMigrations | null> {
  const known = found.get(workspace);
  if (known?.change === change) return known.migrations;
  const migrations = search(task, project, workspace, change);
  found.set(workspace, { change, migrations });
  // A failed step runs again, so its error must not be kept.
  migrations.catch(() => found.delete(workspace));
  return migrations;
}

async function search(
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

/** Opens the tree of a commit. Each tool asks for the same manifests, so each file is read once. */
async function openTree(workspace: Workspace, commit: string): Promise<RepositoryTree> {
  const files = new Set(await workspace.listFiles(commit));
  const texts = new Map<string, Promise<string | null>>();
  const read = (file: string) => {
    const text = texts.get(file) ?? workspace.readFile(commit, file);
    texts.set(file, text);
    return text;
  };
  return { files, readFile: async (file) => (files.has(file) ? read(file) : null) };
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
  const migrations = await findChangedMigrations(task, project, workspace, change);
  if (!migrations?.commands?.isForTests) return;
  const timeoutMs = task.settings.timeouts.test * 60_000;
  await applyMigrations(migrations, copy, {
    workspace,
    baseCommit: task.base.commit,
    commit: change,
    timeoutMs,
  });
}
