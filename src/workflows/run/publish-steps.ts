import { readOpenPull } from '../../github/read-open-pull.js';
import {
  setPullRequestDraft,
  updatePullRequest,
  upsertPullRequest,
} from '../../github/upsert-pull-request.js';
import { describeCheckRun, writeCheckRun } from '../../github/write-check-run.js';
import { commitMessage } from '../../messages/commit-message.js';
import { describePullRequest } from '../../messages/pull-request-body.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { RunEvent } from '../../runs/run-event.js';
import type { Task } from '../../task/task.js';
import type { Dependencies } from '../implement-issue/steps.js';
import type { DeliverChangeSteps } from './deliver-change.js';
import { leaseOf } from './diff-base.js';
import { openWorkspace } from './open-workspace.js';

type PublishingSteps = Pick<DeliverChangeSteps, 'push' | 'openPullRequest' | 'writeCheckRun'>;

/** The steps that people see something of: the branch, the pull request, the check run. */
export function createPublishingSteps(
  parts: Pick<Dependencies, 'config' | 'store' | 'github' | 'workspaces' | 'publisher' | 'log'>,
): PublishingSteps {
  const { config, store, github, workspaces, publisher } = parts;
  const tell = (task: Task, event: RunEvent) => store.appendEvent(task.runId, event);

  return {
    push: async (task, project, change, work) => {
      const { pullRequest } = task;
      // It may have been merged meanwhile, and nobody have told.
      if (pullRequest)
        await github.call(task.repository, 'look at the pull request', (octokit) =>
          readOpenPull(octokit, task.repository, pullRequest),
        );
      const workspace = await openWorkspace(workspaces, task, project);
      const { login, email } = await github.bot();
      const issue = issueKey(task);
      const { pushedCommit } = await store.readIssue(issue);
      const submission = work.outcome.kind === 'submitted' ? work.outcome.submission : null;
      const run = await store.findRun(task.runId);
      const commit = await workspace.push({
        checkpoint: change,
        parents: task.start.parents,
        branch: task.branch,
        message: await publisher.compose((words) =>
          commitMessage(task, submission, new URL(config.webUrl).host, words),
        ),
        author: { name: login, email },
        date: (run?.startedAt ?? run?.createdAt ?? new Date(task.base.committedAt)).toISOString(),
        // What people pushed meanwhile is taken in by the next run, never overwritten.
        lease: leaseOf(task, pushedCommit),
      });
      await store.updateIssue(issue, { pushedCommit: commit });
      await tell(task, { type: 'pushed', branch: task.branch, commit });
      return commit;
    },

    openPullRequest: async (task, project, report) => {
      const workspace = await openWorkspace(workspaces, task, project);
      const changes = await workspace.readChanges(report.change);
      const description = await publisher.compose((words) =>
        describePullRequest(task, report, changes, words),
      );
      const { login: bot } = await github.bot();
      const draft = report.draftReasons.length > 0;
      const wanted = { ...description, head: task.branch, base: task.base.branch, draft };
      // To make a draft of it, or none, GitHub asks for more than to open it: a token of its own, and only then.
      const setDraft = (id: string, wanted: boolean) =>
        github.call(
          task.repository,
          wanted ? 'make the pull request a draft' : 'mark the pull request as ready',
          (octokit) => setPullRequestDraft(octokit, id, wanted),
          'drafts',
        );
      const means = { bot, setDraft };
      const pullRequest = await github.call(
        task.repository,
        task.pullRequest ? 'update the pull request' : 'open the pull request',
        (octokit) =>
          task.pullRequest
            ? updatePullRequest(octokit, task.repository, task.pullRequest, wanted, means)
            : upsertPullRequest(octokit, task.repository, wanted, means),
        'talk',
      );
      await store.updateIssue(issueKey(task), { pullRequest: pullRequest.number });
      await tell(task, { type: 'pull-request', ...pullRequest, draft });
      return pullRequest;
    },

    writeCheckRun: async (task, report) => {
      const checkRun = await publisher.compose((words) =>
        describeCheckRun(report.evidence, report.draftReasons, words),
      );
      const run = { id: task.runId, commit: report.commit };
      try {
        await github.call(
          task.repository,
          'write the check run',
          (octokit) => writeCheckRun(octokit, task.repository, run, checkRun),
          'checks',
        );
      } catch (error) {
        // The pull request is there and has all of the evidence: people have to be told of that one.
        if (!(error instanceof RunEndedError)) throw error;
        parts.log.warn({ run: task.runId, reason: error.message }, 'the check run could not be written');
      }
    },
  };
}

function issueKey(task: Task) {
  return { repositoryId: task.repository.id, number: task.issue.number };
}
