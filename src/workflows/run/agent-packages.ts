import { type AgentProject, installPackagesOf } from '../../packages/add-packages.js';
import { PackageError } from '../../packages/ecosystem.js';
import { fieldsOfTask } from '../../runs/log-fields.js';
import type { Task } from '../../task/task.js';
import type { Workspace } from '../../workspace/workspace.js';
import type { Dependencies } from '../dependencies.js';

const minuteMs = 60_000;

/** Describes the agent's tree to the functions that add and install packages. */
export function agentProject(
  { base, settings }: Task,
  workspace: Workspace,
  signal: AbortSignal,
): AgentProject {
  const timeoutMs = settings.timeouts.setup * minuteMs;
  return { workspace, baseCommit: base.commit, settings, timeoutMs, signal };
}

/**
 * Restores the agent's files, and installs the packages that they ask for. If the packages cannot be
 * installed, the agent goes on with those of the base commit, and its tests show what is missing.
 */
export async function restoreAgentTree(
  d: Pick<Dependencies, 'log'>,
  task: Task,
  workspace: Workspace,
  commit: string,
  signal: AbortSignal,
): Promise<void> {
  await workspace.restore(commit);
  const isUnchanged = await installPackagesOf(agentProject(task, workspace, signal), commit).then(
    (isInstalled) => !isInstalled,
    (error: unknown) => {
      if (!(error instanceof PackageError)) throw error;
      const fields = { ...fieldsOfTask(task), reason: error.message };
      d.log.warn(fields, 'could not install the packages that a checkpoint asks for');
      return false;
    },
  );
  // Set-up commands can change files of the repository.
  if (!isUnchanged) await workspace.restore(commit);
}
