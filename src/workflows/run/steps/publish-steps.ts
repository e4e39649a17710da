import { readIssue, updateIssue } from '../../../database/issues.js';
import { readIssueSpend } from '../../../database/model/spend.js';
import { appendEvent } from '../../../database/run-events.js';
import { findRun } from '../../../database/runs.js';
import * as github from '../../../github/checks.js';
import {
  type PullRequest,
  readOpenPull,
  updatePullRequest,
  upsertPullRequest,
} from '../../../github/pulls.js';
import { annotateMarks, describeCheckRun } from '../../../messages/check-run.js';
import { commitMessage } from '../../../messages/commit-message.js';
import { describePullRequest, isPlaceholder } from '../../../messages/pull-request-body.js';
import type { Report } from '../../../messages/report.js';
import { fieldsOfTask } from '../../../runs/log-fields.js';
import type { IssueKey } from '../../../runs/run.js';
import type { Work } from '../../../runs/work.js';
import type { Task } from '../../../task/task.js';
import type { Dependencies } from '../../dependencies.js';
import { ifGitHubAllows } from '../../if-github-allows.js';
import { openWorkspace } from '../open-workspace.js';
import type { ProjectSetup } from '../project-setup.js';
import { pushLease } from '../push-lease.js';

/**
 * Pushes the change to the bot's branch.
 * @returns the pushed commit
 */
export async function push(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
  change: string,
  work: Work,
): Promise<string> {
  // Throws if people have merged or closed the pull request during the run.
  if (task.pullRequest) await readOpenPull(d.github, task.repository, task.pullRequest);
  const workspace = await openWorkspace(d.workspaces, task, project);
  const { login, email } = await d.github.bot();
  const key = issueKey(task);
  const { pushedCommit } = await readIssue(d.db, key);
  const submission = work.outcome.kind === 'submitted' ? work.outcome.submission : null;
  const run = await findRun(d.db, task.runId);
  const host = new URL(d.config.webUrl).host;
  const commit = await workspace.push({
    checkpoint: change,
    parents: task.start.parents,
    branch: task.branch,
    message: await d.publisher.compose((untrusted) => commitMessage(task, submission, host, untrusted)),
    author: { name: login, email },
    // The date is fixed, so a repeated step creates the same commit.
    date: (run?.startedAt ?? run?.createdAt ?? new Date(task.base.committedAt)).toISOString(),
    // The lease makes the push fail if people have pushed to the branch, so their commits are never
    // overwritten.
    lease: pushLease(task, pushedCommit),
  });
  await updateIssue(d.db, key, { pushedCommit: commit });
  await appendEvent(d.db, task.runId, { type: 'pushed', branch: task.branch, commit });
  return commit;
}

/** Opens the issue's pull request, or updates the one that already exists. */
export async function openPullRequest(
  d: Dependencies,
  task: Task,
  report: Omit<Report, 'issueSpend'>,
): Promise<PullRequest> {
  const issueSpend = await readIssueSpend(d.db, issueKey(task));
  const description = await d.publisher.compose((untrusted) =>
    describePullRequest(task, { ...report, issueSpend }, untrusted),
  );
  const draft = report.draftReasons.length > 0;
  // The title of later work only says what that work changes.
  const keepsTitle = (title: string) => task.pullRequest !== null && !isPlaceholder(title);
  const content = { ...description, head: task.branch, base: task.base.branch, draft, keepsTitle };
  const pullRequest = task.pullRequest
    ? await updatePullRequest(d.github, task.repository, task.pullRequest, content)
    : await upsertPullRequest(d.github, task.repository, content);
  await updateIssue(d.db, issueKey(task), { pullRequest: pullRequest.number });
  await appendEvent(d.db, task.runId, { type: 'pull-request', ...pullRequest, draft });
  return pullRequest;
}

/** Shows the evidence as a check run on the pushed commit. */
export async function writeCheckRun(
  d: Dependencies,
  task: Task,
  report: Omit<Report, 'issueSpend'>,
): Promise<void> {
  const checkRun = await d.publisher.compose((untrusted) =>
    describeCheckRun(report.evidence, report.draftReasons, untrusted),
  );
  const run = { id: task.runId, commit: report.commit };
  const annotations = annotateMarks(report.evidence.findings);
  // The check run is optional, because the pull request already contains all of its evidence.
  await ifGitHubAllows(d.log, fieldsOfTask(task), 'could not write the check run', () =>
    github.writeCheckRun(d.github, task.repository, run, { ...checkRun, annotations }),
  );
}

function issueKey(task: Task): IssueKey {
  return { repositoryId: task.repository.id, number: task.issue.number };
}
