import type { Task } from '../../../task/task.js';
import type { ScratchCopy, Workspace } from '../../../workspace/workspace.js';
import { openChangedSetup } from '../changed-setup.js';
import type { ProjectSetup } from '../project-setup.js';
import { migrateForTests } from './changed-migrations.js';

/**
 * Opens a scratch copy as the tests of a commit need it: with the packages of the change, and with its
 * migrations if the whole change is in the copy.
 * @param tree the content of the copy: the base commit, the change, or parts of the change on the base commit
 * @returns null if the packages of the change could not be installed
 */
export async function openCopy(
  task: Task,
  project: ProjectSetup,
  workspace: Workspace,
  [commit, overlay]: Parameters<Workspace['openScratchCopy']>,
): Promise<ScratchCopy | null> {
  if (commit === task.base.commit && !overlay) return workspace.openScratchCopy(commit);
  const changed = await openChangedSetup(task, workspace, overlay?.commit ?? commit);
  if (changed?.isFailed) return null;
  if (!overlay) {
    const copy = await workspace.openScratchCopy(commit, null, changed?.after);
    try {
      await migrateForTests(task, project, workspace, commit, copy);
    } catch (error) {
      await copy.dispose();
      throw error;
    }
    return copy;
  }
  const base = await changed?.onBase();
  return workspace.openScratchCopy(commit, { ...overlay, ...(base && { files: base.files }) }, base?.setUp);
}
