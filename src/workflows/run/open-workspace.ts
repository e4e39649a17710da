import type { Task } from '../../task/task.js';
import type { Workspace, Workspaces } from '../../workspace/workspace.js';
import type { ProjectSetup } from './project-setup.js';

const minuteMs = 60_000;

/**
 * Opens the run's workspace. If this process does not have the workspace, for example because the run moved
 * to another machine, clones the repository and runs the setup commands again.
 */
export function openWorkspace(
  workspaces: Workspaces,
  task: Task,
  { setup }: Pick<ProjectSetup, 'setup'>,
): Promise<Workspace> {
  return workspaces.open({
    runId: task.runId,
    repository: task.repository,
    baseCommit: task.base.commit,
    commits: task.start.parents,
    setup,
    egress: task.settings.egress,
    setupTimeoutMs: task.settings.timeouts.setup * minuteMs,
  });
}
