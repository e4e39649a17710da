import type { Task } from '../../task/task.js';
import type { Workspace, Workspaces } from '../../workspace/workspace.js';
import type { Dependencies } from '../dependencies.js';
import { restoreAgentTree } from './agent-packages.js';
import type { ProjectSetup } from './project-setup.js';
import { loadOutputs } from './turn/command-outputs.js';

const minuteMs = 60_000;

/**
 * Opens the run's workspace. If this process does not have the workspace, for example because the run moved
 * to another machine, clones the repository and runs the setup commands again.
 */
export function openWorkspace(
  workspaces: Workspaces,
  task: Task,
  { setup, environment }: Pick<ProjectSetup, 'setup' | 'environment'>,
): Promise<Workspace> {
  return workspaces.open({
    runId: task.runId,
    repository: task.repository,
    baseCommit: task.base.commit,
    commits: task.start.parents,
    setup,
    egress: task.settings.egress,
    setupTimeoutMs: task.settings.timeouts.setup * minuteMs,
    environment,
  });
}

/** Opens the run's workspace, with the content of a commit in the agent's tree. */
export async function openWorkspaceAt(
  d: Pick<Dependencies, 'workspaces' | 'db' | 'log'>,
  task: Task,
  project: Pick<ProjectSetup, 'setup' | 'environment'>,
  commit: string,
  signal: AbortSignal,
): Promise<Workspace> {
  const workspace = await openWorkspace(d.workspaces, task, project);
  // After a crash, or when the run has moved to another machine, the files may differ from what the model
  // expects. In that case, restore them.
  if (workspace.treeCommit !== commit) {
    await restoreAgentTree(d, task, workspace, commit, signal);
    await loadOutputs(d.db, task.runId, workspace.outputsFolder);
  }
  return workspace;
}
