import { performance } from 'node:perf_hooks';
import { appendEvent } from '../../../database/run-events.js';
import type { Packages } from '../../../evidence/evidence.js';
import type { Task } from '../../../task/task.js';
import type { Dependencies } from '../../dependencies.js';
import { openChangedSetup } from '../changed-setup.js';
import { openWorkspace } from '../open-workspace.js';
import type { ProjectSetup } from '../project-setup.js';

/**
 * Sets up the project with the packages that the change asks for, so that the measurements of the change have
 * them.
 * @returns what the change adds, updates and removes; null if it asks for the packages of the base commit
 */
export async function setUpChange(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  change: string,
): Promise<Packages | null> {
  const startedAt = performance.now();
  const workspace = await openWorkspace(d.workspaces, task, project);
  const setUp = await openChangedSetup(task, workspace, change);
  if (!setUp) return null;
  const executions = setUp.after?.result.executions ?? [];
  const event = {
    type: 'change-set-up' as const,
    commit: change,
    ok: !setUp.isFailed,
    managers: setUp.packages.managers,
    packages: setUp.packages.direct.length,
    durationMs: Math.round(performance.now() - startedAt),
    refusedHosts: [...new Set(executions.flatMap(({ refusedHosts }) => refusedHosts))],
  };
  await appendEvent(d.db, task.runId, event, `change-set-up-${change}`);
  return setUp.packages;
}
