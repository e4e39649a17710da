import type { Octokit } from '@octokit/rest';
import type { ModelClient } from '../../agent/model.js';
import { openConversation } from '../../agent/open-conversation.js';
import type { Config } from '../../config/read-config.js';
import type { ControlStore } from '../../database/control-store.js';
import type { Run, RunStore } from '../../database/run-store.js';
import { findCommands } from '../../evidence/find-commands.js';
import type { GitHub } from '../../github/github.js';
import { hasWriteAccess } from '../../github/has-write-access.js';
import { isRetracted } from '../../github/is-retracted.js';
import { removeLabel } from '../../github/remove-label.js';
import type { Log } from '../../log.js';
import { indent } from '../../messages/indent.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { RunEvent } from '../../runs/run-event.js';
import type { SecretSearch } from '../../secrets/old/find-secrets.js';
import type { Agent } from '../../task/agent-file.js';
import { needsInfoLabel } from '../../task/needs-info.js';
import { settingsPath } from '../../task/settings.js';
import type { Task } from '../../task/task.js';
import type { Mirrors, Workspace, Workspaces } from '../../workspace/workspace.js';
import { beginRun } from '../run/begin-run.js';
import { diffBase } from '../run/diff-base.js';
import { createEndRunSteps } from '../run/end-run-steps.js';
import { createMeasuringSteps } from '../run/evidence-steps.js';
import { openWorkspace } from '../run/open-workspace.js';
import type { ProjectSetup } from '../run/project-setup.js';
import { createPublishingSteps } from '../run/publish-steps.js';
import type { Publisher } from '../run/publisher.js';
import type { Transcript } from '../run/read-transcript.js';
import type { Steering } from '../run/steering.js';
import { continueTask } from './continue-task.js';
import type { ImplementIssueSteps } from './implement-issue.js';
import { readTask } from './read-task.js';

export interface Dependencies {
  config: Config;
  workerId: string;
  store: RunStore;
  control: ControlStore;
  github: GitHub;
  mirrors: Mirrors;
  workspaces: Workspaces;
  agents: readonly Agent[];
  publisher: Publisher;
  steering: Steering;
  model: ModelClient;
  /** What a run left; null where it is not known any more. */
  readTranscript: (runId: string) => Promise<Transcript | null>;
  /** Values that must not leave. */
  activeSecrets: () => string[];
  search: SecretSearch;
  /** The model's id for an agent's `model`. */
  modelOf: (agent: Agent) => string;
  log: Log;
  now: () => Date;
}

/** Who may and what is open is asked again for a run that stood in line for longer. */
const freshMs = 60_000;

/** Everything of the story but the agent's turns (work-steps.ts). Each function may be done again after a crash. */
export function createImplementIssueSteps(parts: Dependencies): Omit<ImplementIssueSteps, 'work'> {
  const { store, github, mirrors, workspaces, publisher, now } = parts;
  const tell = (task: Task, event: RunEvent) => store.appendEvent(task.runId, event);

  return {
    start: async (run) => {
      await beginRun(run, parts);
      const { repository } = run.trigger;
      const waited = now().getTime() - run.createdAt.getTime();
      // Closed, or its label taken off, while it was on its way to the queue, where nothing could be ended yet.
      const ended = await parts.control.wasEndedSince(run.trigger);
      const { trigger } = run;
      const key = { repositoryId: repository.id, number: run.issueNumber };
      const asked = await parts.control.findAskedPlace(key, run.id);
      await github.call(
        repository,
        'start the run',
        async (octokit) => {
          if (waited > freshMs || ended) await checkAgain(octokit, run);
          if (ended && (await isRetracted(octokit, trigger)))
            throw new RunEndedError({
              kind: 'stopped',
              reason: 'what was asked for was taken back before the run began',
            });
          if (trigger.kind === 'label')
            await removeLabel(octokit, repository, trigger.issue.number, trigger.label);
          if (asked !== null) await removeLabel(octokit, repository, asked, needsInfoLabel);
        },
        'talk',
      );
    },

    readTask: async (run) => {
      const { resume } = run.trigger;
      const task = (resume && (await continueTask(run, resume, parts))) || (await readTask(run, parts));
      const { base, agent, hidden } = task;
      await tell(task, {
        type: 'task-read',
        base: base.branch,
        commit: base.commit,
        agent: agent.name,
        agentReason: task.agentReason,
        model: parts.modelOf(agent),
        hidden,
      });
      return task;
    },

    prepareWorkspace: async (task) => {
      publisher.follow(task.runId);
      const mirror = mirrors.open(task.repository);
      const files = new Set(await mirror.listFiles(task.base.commit));
      const readFile = (file: string) =>
        files.has(file) ? mirror.readFile(task.base.commit, file) : Promise.resolve(null);
      const { setup, test, notes } = await findCommands({ files, readFile }, task.settings);
      const project: ProjectSetup = { setup, test, notes: [...(task.feedback?.notes ?? []), ...notes] };
      const { setupResult } = await openWorkspace(workspaces, task, project);
      const { executions, ok, notGranted } = setupResult;
      const refusedHosts = [...new Set(executions.flatMap((execution) => execution.refusedHosts))];
      const durationMs = executions.reduce((sum, execution) => sum + execution.durationMs, 0);
      await tell(task, {
        type: 'set-up',
        ok,
        commands: executions.map(({ script }) => script),
        durationMs,
        refusedHosts,
      });
      if (!ok)
        throw new RunEndedError({
          kind: 'failed',
          reason: describeSetupFailure(setupResult, refusedHosts),
        });
      project.notes.push(...describeEgress(refusedHosts, notGranted));
      if (workspaces.warning) project.notes.push(workspaces.warning);
      return project;
    },

    findChange: async (task, project, work) => {
      if (!work.checkpoint || work.checkpoint === task.base.commit) return null;
      const workspace = await openWorkspace(workspaces, task, project);
      const changes = await workspace.readChanges(work.checkpoint, diffBase(task));
      const leftOut = Object.values(await workspace.readOmittedPaths(work.checkpoint)).flat();
      return changes.length + leftOut.length === 0 ? null : work.checkpoint;
    },

    openConversation: async (task, project, before) => {
      const earlier = task.continues === null ? null : await parts.readTranscript(task.continues);
      const test = { command: project.test?.command ?? null, before };
      if (task.continues !== null) await parts.steering.inherit(task.continues, task.runId, 'unheard');
      const said = await parts.steering.hear(task.runId, 0, false);
      return openConversation(task, test, earlier?.conversation ?? [], said);
    },

    ...createMeasuringSteps(parts),
    ...createPublishingSteps(parts),
    ...createEndRunSteps(parts),
  };
}

/** @throws RunEnded when what was true when the run was asked for no longer is */
async function checkAgain(octokit: Octokit, { trigger }: Run): Promise<void> {
  const { repository, issue, sender } = trigger;
  const { data } = await octokit.rest.issues.get({
    owner: repository.owner,
    repo: repository.name,
    issue_number: issue.number,
  });
  if (data.state !== 'open')
    throw new RunEndedError({ kind: 'stopped', reason: 'the issue was closed while the run stood in line' });
  // Whoever wrote the issue may answer, and need not be one who may write.
  if (trigger.kind !== 'answer' && !(await hasWriteAccess(octokit, repository, sender)))
    throw new RunEndedError({
      kind: 'refusal',
      reason: `@${sender.login} may no longer write to this repository`,
    });
}

function describeSetupFailure(setup: Workspace['setupResult'], refusedHosts: string[]): string {
  const last = setup.executions.at(-1);
  const end = last?.ended === 'exited' ? `exit code ${last.exitCode}` : last?.ended;
  const closed =
    'Set-up has no network here, by EGRESS or EGRESS_DENIED_REPOSITORIES of the server or by `egress: none` of the repository.';
  const hosts = [...(setup.network ? [] : [closed]), ...describeEgress(refusedHosts, setup.notGranted)]
    .map((line) => `\n\n${line}`)
    .join('');
  const tail = last?.output.trim().slice(-1500) ?? '';
  return `the dependencies could not be installed: "${last?.script}" ended with ${end}.${hosts}\n\nThe end of its output:\n\n${indent(tail)}\n\nAnother command can be set with \`setup\` in .github/pullwright.yml.`;
}

function describeEgress(refusedHosts: string[], notGranted: string[]): string[] {
  const lines: string[] = [];
  if (refusedHosts.length > 0)
    lines.push(
      `During set-up these were asked for and refused: ${refusedHosts.join(', ')}. The server's EGRESS_ALLOW can name a host, for all repositories or for this one.`,
    );
  if (notGranted.length > 0)
    lines.push(
      `\`egress\` in ${settingsPath} asks for ${notGranted.join(', ')}, which this server does not hold out (EGRESS_REQUESTABLE).`,
    );
  return lines;
}
