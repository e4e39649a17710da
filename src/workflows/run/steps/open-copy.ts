import type { Task } from '../../../task/task.js';
import type { ScratchCopy, Workspace } from '../../../workspace/workspace.js';
import { openChangedSetup } from '../changed-setup.js';

/**
 * Opens a scratch copy with the packages that a measurement needs.
 * @param isBefore whether the run measures the base commit without any change
 * @returns null if the packages of the change could not be installed
 */
export async function openCopy(
  task: Task,
  workspace: Workspace,
  isBefore: boolean,
  [commit, overlay]: Parameters<Workspace['openScratchCopy']>,
): Promise<ScratchCopy | null> {
  if (isBefore) return workspace.openScratchCopy(commit);
  const changed = await openChangedSetup(task, workspace, overlay?.commit ?? commit);
  if (!changed) return workspace.openScratchCopy(commit, overlay);
  if (changed.isFailed) return null;
  if (!overlay) return workspace.openScratchCopy(commit, null, changed.after);
  const base = await changed.onBase();
  return workspace.openScratchCopy(commit, { ...overlay, ...(base && { files: base.files }) }, base?.setUp);
}
