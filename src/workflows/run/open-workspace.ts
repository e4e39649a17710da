import type { Task } from '../../task/task.js';
import type { Workspace, Workspaces } from '../../workspace/workspace.js';
import type { ProjectSetup } from './project-setup.js';

const minuteMs = 60_000;

/** The run's one workspace; set up again on a machine or in a process that does not have it. */
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
