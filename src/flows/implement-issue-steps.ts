import type { Octokit } from '@octokit/rest';
import { compareTests, filesToRepeat } from '../checks/compare-tests.js';
import type { TestRun } from '../checks/evidence.js';
import { findCommands } from '../checks/find-commands.js';
import { filesToProve, findTestFiles, proveTests } from '../checks/prove-tests.js';
import { runTests } from '../checks/run-tests.js';
import { scanChange } from '../checks/scan-change.js';
import type { Config } from '../config.js';
import type { GitHub } from '../github/github.js';
import { mayWrite } from '../intake/may-write.js';
import type { Log } from '../log.js';
import { commitMessage } from '../pull-request/commit-message.js';
import { describePullRequest } from '../pull-request/describe.js';
import { setPullRequestDraft, upsertPullRequest } from '../pull-request/upsert.js';
import { describeCheckRun, writeCheckRun } from '../pull-request/write-check-run.js';
import type { RunEvent } from '../runs/run-event.js';
import type { Run, RunStore } from '../runs/run-store.js';
import { RunEnded } from '../runs/settlement.js';
import type { Agent } from '../task/agent-file.js';
import { settingsPath } from '../task/settings.js';
import type { Task } from '../task/task.js';
import type { Mirrors } from '../workspace/mirror.js';
import type { Workspaces } from '../workspace/open-workspaces.js';
import type { Workspace } from '../workspace/workspace.js';
import type { ImplementIssueSteps } from './implement-issue.js';
import type { Preparation } from './preparation.js';
import type { Publisher } from './publisher.js';
import { readTask } from './read-task.js';

export interface ImplementIssueParts {
  config: Config;
  workerId: string;
  store: RunStore;
  github: GitHub;
  mirrors: Mirrors;
  workspaces: Workspaces;
  agents: readonly Agent[];
  publisher: Publisher;
  /** Values that must not leave. */
  liveValues: () => string[];
  /** The model's id for an agent's `model`. */
  modelOf: (agent: Agent) => string;
  log: Log;
  now: () => Date;
}

const minuteMs = 60_000;
/** Who may and what is open is asked again for a run that stood in line for longer. */
const freshMs = 60_000;

/** Everything of the story but the agent's turns (work-steps.ts). Each function may be done again after a crash. */
export function createImplementIssueSteps(parts: ImplementIssueParts): Omit<ImplementIssueSteps, 'work'> {
  const { config, store, github, mirrors, workspaces, publisher, now } = parts;
  const tell = (task: Task, event: RunEvent) => store.appendEvent(task.runId, event);

  /** One measurement: a fresh copy of the set-up tree, the tests in it, the copy gone. */
  const measure = async (
    task: Task,
    preparation: Preparation,
    when: Extract<RunEvent, { type: 'tests-run' }>['when'],
    tree: Parameters<Workspace['checkTree']>,
    files?: string[],
  ): Promise<TestRun | null> => {
    if (!preparation.test) return null;
    const workspace = await openWorkspace(workspaces, task, preparation);
    const check = await workspace.checkTree(...tree);
    try {
      const run = await runTests(check.sandbox, preparation.test, {
        timeoutMs: task.settings.timeouts.test * minuteMs,
        ...(files && { files }),
      });
      await tell(task, { type: 'tests-run', when, tests: countTests(run) });
      return run;
    } finally {
      await check.dispose();
    }
  };

  return {
    start: async (run) => {
      await store.markRunning(run.id);
      await store.appendEvent(run.id, {
        type: 'started',
        worker: parts.workerId,
        ...(workspaces.warning && { warning: workspaces.warning }),
      });
      publisher.follow(run.id);
      const { repository } = run.trigger;
      const waited = now().getTime() - run.createdAt.getTime();
      await github.call(repository, 'start the run', async (octokit) => {
        if (waited > freshMs) await checkAgain(octokit, run);
        if (run.trigger.kind === 'label') await takeLabelOff(octokit, run, run.trigger.label);
      });
    },

    readTask: async (run) => {
      const task = await readTask(run, parts);
      const { base, agent, hidden } = task;
      await tell(task, {
        type: 'task-read',
        base: base.branch,
        commit: base.commit,
        agent: agent.name,
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
      const preparation: Preparation = { setup, test, notes };
      const { setupResult } = await openWorkspace(workspaces, task, preparation);
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
        throw new RunEnded({
          kind: 'failed',
          because: describeSetupFailure(setupResult, refusedHosts),
        });
      notes.push(...describeEgress(refusedHosts, notGranted));
      if (workspaces.warning) notes.push(workspaces.warning);
      return preparation;
    },

    runTestsBefore: async (task, preparation) => {
      const run = await measure(task, preparation, 'before', [task.base.commit]);
      const fault = run && describeUnusableTests(run, task);
      if (fault) throw new RunEnded({ kind: 'refusal', because: fault });
      return run;
    },

    findChange: async (task, preparation, work) => {
      if (!work.checkpoint || work.checkpoint === task.base.commit) return null;
      const workspace = await openWorkspace(workspaces, task, preparation);
      const changes = await workspace.changes(work.checkpoint);
      const leftOut = Object.values(await workspace.leftOut(work.checkpoint)).flat();
      return changes.length + leftOut.length === 0 ? null : work.checkpoint;
    },

    runTestsAfter: (task, preparation, change) => measure(task, preparation, 'after', [change]),

    compareTests: async (task, preparation, change, { before, after }) => {
      const first = compareTests(before, after, null);
      if (!first || !after || first.newlyFailing.length === 0) return first;
      const files = filesToRepeat(first, after);
      const again = await measure(task, preparation, 'again', [change], files);
      return compareTests(before, after, again);
    },

    proveTests: async (task, preparation, change, { before, after }) => {
      if (!preparation.test) return null;
      const workspace = await openWorkspace(workspaces, task, preparation);
      const files = findTestFiles(await workspace.changes(change));
      if (files.length === 0) return null;
      const onBase = await measure(
        task,
        preparation,
        'against-base',
        [task.base.commit, { commit: change, paths: files }],
        filesToProve(files, after),
      );
      return proveTests(files, { before, after, onBase });
    },

    scanChange: async (task, preparation, change) => {
      const workspace = await openWorkspace(workspaces, task, preparation);
      const findings = await scanChange(
        {
          changes: await workspace.changes(change),
          leftOut: await workspace.leftOut(change),
          basePaths: await mirrors.open(task.repository).listFiles(task.base.commit),
          readBlob: (blob) => workspace.readBlob(blob),
          addedLines: (file) => workspace.addedLines(change, file),
        },
        {
          live: parts.liveValues(),
          protectedPaths: [...config.protectedPaths, ...task.settings.protectedPaths],
        },
      );
      const count = (severity: string) => findings.filter((finding) => finding.severity === severity).length;
      await tell(task, { type: 'scanned', blocked: count('block'), marked: count('mark') });
      return findings;
    },

    push: async (task, preparation, change, work) => {
      const workspace = await openWorkspace(workspaces, task, preparation);
      const { login, email } = await github.bot();
      const issue = issueKey(task);
      const { pushedCommit } = await store.readIssue(issue);
      const submission = work.outcome.kind === 'submitted' ? work.outcome.submission : null;
      const run = await store.findRun(task.runId);
      const commit = await workspace.push({
        checkpoint: change,
        branch: task.branch,
        message: await publisher.withhold(commitMessage(task, submission, new URL(config.webUrl).host)),
        author: { name: login, email },
        date: (run?.startedAt ?? run?.createdAt ?? new Date(task.base.committedAt)).toISOString(),
        lease: pushedCommit,
      });
      await store.updateIssue(issue, { pushedCommit: commit });
      await tell(task, { type: 'pushed', branch: task.branch, commit });
      return commit;
    },

    openPullRequest: async (task, preparation, report) => {
      const workspace = await openWorkspace(workspaces, task, preparation);
      const { title, body } = describePullRequest(task, report, await workspace.changes(report.change));
      const draft = report.draftBecause.length > 0;
      const wanted = {
        title: await publisher.withhold(title),
        body: await publisher.withhold(body),
        head: task.branch,
        base: task.base.branch,
        draft,
      };
      // To make a draft of it, or none, GitHub asks for more than to open it: a token of its own, and only then.
      const setDraft = (id: string, wanted: boolean) =>
        github.call(
          task.repository,
          wanted ? 'make the pull request a draft' : 'mark the pull request as ready',
          (octokit) => setPullRequestDraft(octokit, id, wanted),
          { contents: 'write' },
        );
      const pullRequest = await github.call(task.repository, 'open the pull request', (octokit) =>
        upsertPullRequest(octokit, task.repository, wanted, setDraft),
      );
      await store.updateIssue(issueKey(task), { pullRequest: pullRequest.number });
      await tell(task, { type: 'pull-request', ...pullRequest, draft });
      return pullRequest;
    },

    writeCheckRun: async (task, report) => {
      const described = describeCheckRun(report.evidence, report.draftBecause);
      const checkRun = {
        ...described,
        title: await publisher.withhold(described.title),
        summary: await publisher.withhold(described.summary),
      };
      const run = { id: task.runId, commit: report.commit };
      try {
        await github.call(task.repository, 'write the check run', (octokit) =>
          writeCheckRun(octokit, task.repository, run, checkRun),
        );
      } catch (error) {
        // The pull request is there and has all of the evidence: people have to be told of that one.
        if (!(error instanceof RunEnded)) throw error;
        parts.log.warn({ run: task.runId, because: error.message }, 'the check run could not be written');
      }
    },

    tellPeople: async (run, settlement) => {
      await store.appendEvent(run.id, { type: 'settled', settlement });
      await publisher.leave(run.id);
      try {
        await publisher.showProgress(run.id);
      } catch (error) {
        // Nobody can be told there any more (the issue or the App is gone): the run's record still says it.
        if (!(error instanceof RunEnded)) throw error;
        parts.log.warn(
          { run: run.id, because: error.message },
          'the end of the run could not be written on its issue',
        );
      }
    },

    settle: async (run, settlement) => {
      await store.markSettled(run.id, settlement);
      parts.log.info({ run: run.id, issue: run.trigger.issue.url, settlement }, 'run settled');
      await workspaces.discard(run.id);
    },
  };
}

/** The same workspace for every step of a run, made again on a machine or in a process that does not have it. */
export function openWorkspace(
  workspaces: Workspaces,
  task: Task,
  { setup }: Preparation,
): Promise<Workspace> {
  return workspaces.open({
    runId: task.runId,
    repository: task.repository,
    baseCommit: task.base.commit,
    setup,
    egress: task.settings.egress,
    setupTimeoutMs: task.settings.timeouts.setup * minuteMs,
  });
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
    throw new RunEnded({ kind: 'stopped', because: 'the issue was closed while the run stood in line' });
  if (!(await mayWrite(octokit, repository, sender)))
    throw new RunEnded({
      kind: 'refusal',
      because: `@${sender.login} may no longer write to this repository`,
    });
}

/** A label is a command for one run: putting it on again asks for another. */
async function takeLabelOff(octokit: Octokit, { trigger }: Run, label: string): Promise<void> {
  const { repository, issue } = trigger;
  try {
    await octokit.rest.issues.removeLabel({
      owner: repository.owner,
      repo: repository.name,
      issue_number: issue.number,
      name: label,
    });
  } catch (error) {
    // Off already: by people, or by this step before a crash.
    if ((error as { status?: number }).status !== 404) throw error;
  }
}

function issueKey(task: Task) {
  return { repositoryId: task.repository.id, number: task.issue.number };
}

function countTests(run: TestRun): Extract<RunEvent, { type: 'tests-run' }>['tests'] {
  const count = (outcome: string) => run.cases.filter((test) => test.outcome === outcome).length;
  const { command, runner, exitCode, ended, durationMs } = run;
  return {
    command,
    runner,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    exitCode,
    ended,
    durationMs,
  };
}

function describeSetupFailure(setup: Workspace['setupResult'], refusedHosts: string[]): string {
  const last = setup.executions.at(-1);
  const end = last?.ended === 'exited' ? `exit code ${last.exitCode}` : last?.ended;
  const closed =
    'Set-up has no network here, by EGRESS or EGRESS_CLOSED of the server or by `egress: none` of the repository.';
  const hosts = [...(setup.network ? [] : [closed]), ...describeEgress(refusedHosts, setup.notGranted)]
    .map((line) => `\n\n${line}`)
    .join('');
  const tail = last?.output.trim().slice(-1500) ?? '';
  return `the dependencies could not be installed: "${last?.script}" ended with ${end}.${hosts}\n\nThe end of its output:\n\n${indent(tail)}\n\nAnother command can be set with \`setup\` in .github/pullwright.yml.`;
}

/** A code block without fences: no output can close it. */
function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}

function sayMinutes(minutes: number): string {
  const [count, unit] = minutes < 1 ? [Math.round(minutes * 60), 'second'] : [minutes, 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** Tests that say nothing about the base can say nothing about a change. */
function describeUnusableTests(run: TestRun, task: Task): string | null {
  const setting = 'Set `test` in .github/pullwright.yml.';
  if (run.ended === 'timeout')
    return `the tests do not end: "${run.command}" ran for more than ${sayMinutes(task.settings.timeouts.test)} on the untouched base, and was ended. Set \`test\` or \`timeouts.test\` in .github/pullwright.yml`;
  if (run.ended === 'output-limit')
    return `the tests print more than can be kept: "${run.command}". ${setting}`;
  const missing = run.exitCode === 127 || run.exitCode === 126 || /Missing script: /.test(run.outputTail);
  if (run.cases.length === 0 && missing)
    return `the test command is not there: "${run.command}" ended with exit code ${run.exitCode}. ${setting}\n\n${indent(run.outputTail.trim().slice(-600))}`;
  return null;
}

function describeEgress(refusedHosts: string[], notGranted: string[]): string[] {
  const lines: string[] = [];
  if (refusedHosts.length > 0)
    lines.push(
      `During set-up these were asked for and refused: ${refusedHosts.join(', ')}. The server's EGRESS_ALLOW can name a host, for all repositories or for this one.`,
    );
  if (notGranted.length > 0)
    lines.push(
      `\`egress\` in ${settingsPath} asks for ${notGranted.join(', ')}, which this server does not hold out (EGRESS_ASKABLE).`,
    );
  return lines;
}
