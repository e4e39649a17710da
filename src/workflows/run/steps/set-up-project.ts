import { appendEvent } from '../../../database/run-events.js';
import { describeEnvironment } from '../../../environment/describe-environment.js';
import { findCommands } from '../../../evidence/find-commands.js';
import { describeEnding } from '../../../messages/describe-ending.js';
import { indent } from '../../../messages/indent.js';
import { RunEndedError } from '../../../runs/outcome.js';
import { settingsPath } from '../../../task/settings.js';
import type { Task } from '../../../task/task.js';
import type { Workspace } from '../../../workspace/workspace.js';
import type { Dependencies } from '../../dependencies.js';
import { openWorkspace } from '../open-workspace.js';
import type { ProjectSetup } from '../project-setup.js';

/**
 * Clones the repository, finds its setup and test commands, and installs its dependencies in a sandbox.
 * @throws RunEndedError when the dependencies cannot be installed
 */
export async function setUpProject(d: Dependencies, task: Task): Promise<ProjectSetup> {
  const { db, mirrors, workspaces, publisher } = d;
  publisher.follow(task.runId);
  const mirror = mirrors.open(task.repository);
  const files = new Set(await mirror.listFiles(task.base.commit));
  const readFile = (file: string) =>
    files.has(file) ? mirror.readFile(task.base.commit, file) : Promise.resolve(null);
  const { setup, test, notes } = await findCommands({ files, readFile }, task.settings);
  const environment = await describeEnvironment({ files, readFile });
  const project: ProjectSetup = {
    setup,
    test,
    environment,
    notes: [...(task.feedback?.notes ?? []), ...notes],
  };

  const { setupResult } = await openWorkspace(workspaces, task, project);
  const { executions, ok, notGranted } = setupResult;
  const refusedHosts = [...new Set(executions.flatMap((execution) => execution.refusedHosts))];
  await appendEvent(db, task.runId, {
    type: 'set-up',
    ok,
    commands: executions.map(({ script }) => script),
    durationMs: executions.reduce((sum, execution) => sum + execution.durationMs, 0),
    refusedHosts,
  });
  if (!ok)
    throw new RunEndedError({ kind: 'failed', reason: describeSetupFailure(setupResult, refusedHosts) });
  project.notes.push(...describeEgress(refusedHosts, notGranted));
  if (workspaces.warning) project.notes.push(workspaces.warning);
  return project;
}

function describeSetupFailure(setup: Workspace['setupResult'], refusedHosts: string[]): string {
  const last = setup.executions.at(-1);
  const end =
    !last || last.ended === 'exited'
      ? `ended with exit code ${last?.exitCode}`
      : `did not finish (${describeEnding(last.ended)})`;
  const noNetwork =
    "Setup has no network here, because of the server's EGRESS or EGRESS_DENIED_REPOSITORIES, or the repository's `egress: none`.";
  const hints = [...(setup.network ? [] : [noNetwork]), ...describeEgress(refusedHosts, setup.notGranted)];
  const tail = last?.output.trim().slice(-1500) ?? '';
  return [
    `The dependencies could not be installed: "${last?.script}" ${end}.`,
    ...hints,
    "The command's output ends with:",
    indent(tail),
    `Set another command with \`setup\` in ${settingsPath}.`,
  ].join('\n\n');
}

function describeEgress(refusedHosts: string[], notGranted: string[]): string[] {
  const lines: string[] = [];
  if (refusedHosts.length > 0)
    lines.push(
      `Setup tried to reach these hosts and was refused: ${refusedHosts.join(', ')}. The server's EGRESS_ALLOW can allow a host, for all repositories or for this one.`,
    );
  if (notGranted.length > 0)
    lines.push(
      `\`egress\` in ${settingsPath} asks for ${notGranted.join(', ')}, which this server does not let repositories request (EGRESS_REQUESTABLE).`,
    );
  return lines;
}
