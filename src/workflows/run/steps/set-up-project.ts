import { appendEvent } from '../../../database/run-events.js';
import { describeProject } from '../../../evidence/commands/describe-project.js';
import {
  describeEgress,
  describeSetupFailure,
  listRefusedHosts,
  noteFailures,
} from '../../../messages/describe-setup.js';
import type { Task } from '../../../task/task.js';
import type { Dependencies } from '../../dependencies.js';
import { openWorkspace } from '../open-workspace.js';
import type { ProjectSetup } from '../project-setup.js';

/**
 * Clones the repository, finds out what its tests need, and installs its dependencies in a sandbox. If a
 * command fails, the run goes on, because the tests may run without it.
 */
export async function setUpProject(d: Dependencies, task: Task): Promise<ProjectSetup> {
  const { db, mirrors, workspaces, publisher } = d;
  publisher.follow(task.runId);
  const mirror = mirrors.open(task.repository);
  const files = new Set(await mirror.listFiles(task.base.commit));
  const readFile = (file: string) =>
    files.has(file) ? mirror.readFile(task.base.commit, file) : Promise.resolve(null);
  const { environment, setup, tests, notes } = await describeProject({ files, readFile }, task.settings);

  const { setupResult } = await openWorkspace(workspaces, task, { environment, setup });
  const { executions, ok, notGranted, provided, missing } = setupResult;
  const refusedHosts = listRefusedHosts(setupResult);
  await appendEvent(db, task.runId, {
    type: 'set-up',
    ok,
    commands: executions.map(({ script }) => script),
    durationMs: executions.reduce((sum, execution) => sum + execution.durationMs, 0),
    refusedHosts,
    found: environment.found,
    provided,
    missing: [...missing, ...environment.unclear],
  });
  return {
    environment,
    setup,
    tests,
    provided,
    missing,
    setupFailure: ok ? null : describeSetupFailure(setupResult),
    notes: [
      ...(task.feedback?.notes ?? []),
      ...notes,
      ...noteFailures(setupResult),
      ...missing,
      ...describeEgress(refusedHosts, notGranted),
      ...(workspaces.warning ? [workspaces.warning] : []),
    ],
  };
}
