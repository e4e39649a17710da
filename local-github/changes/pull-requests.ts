import type { Context } from '../context.js';
import { mergeBranch } from '../git/commit-files.js';
import { countCommits, findMergeBase, listRefs, resolveCommit } from '../git/read-repository.js';
import { runGit } from '../git/run-git.js';
import { validationFailed } from '../refusal.js';
import { renderAccount } from '../render/account.js';
import { type Account, type Issue, isPullRequest, type PullRequest, type Repository } from '../state.js';
import { timestamp } from '../timestamp.js';
import type { Delivery } from '../webhooks/deliveries.js';
import { createIssue, recordEvent, sendIssueEvent, setIssueState } from './issues.js';
import { notify } from './notifications.js';

export interface NewPullRequest {
  title: string;
  body: string | null;
  /** `head` and `base` are names of branches in the same repository. */
  head: string;
  base: string;
  draft: boolean;
  author: Account;
}

type Pull = Issue & { pull: PullRequest };

/**
 * Opens a pull request.
 * @throws Refusal 422 with GitHub's message when GitHub would refuse the pull request
 */
export async function createPullRequest(
  context: Context,
  repository: Repository,
  wanted: NewPullRequest,
): Promise<Pull> {
  const { folder, owner } = repository;
  const { head, base } = wanted;
  const headSha = await resolveCommit(folder, `heads/${head}`);
  if (!headSha) throw validationFailed('PullRequest', { field: 'head', code: 'invalid' });
  const baseSha = await resolveCommit(folder, `heads/${base}`);
  if (!baseSha) throw validationFailed('PullRequest', { field: 'base', code: 'invalid' });
  const custom = (message: string) => validationFailed('PullRequest', { code: 'custom', message });
  if (!(await findMergeBase(folder, baseSha, headSha)))
    throw custom(`The ${head} branch has no history in common with ${base}`);
  if ((await countCommits(folder, baseSha, headSha)) === 0)
    throw custom(`No commits between ${base} and ${head}`);
  // Keep this check last, and add no `await` between this check and the creation. Otherwise, two simultaneous
  // requests could create the same pull request.
  if (findOpenPull(repository, head, base))
    throw custom(`A pull request already exists for ${owner.login}:${head}.`);
  const issue = createIssue(context, repository, wanted);
  issue.pull = {
    head,
    headSha,
    base,
    baseSha,
    draft: wanted.draft,
    mergedAt: null,
    mergedBy: null,
    mergeSha: null,
    requestedReviewers: [],
    reviews: [],
    threads: [],
  };
  await pointPullRef(repository, issue.number, headSha);
  return issue as Pull;
}

export function findOpenPull(repository: Repository, head: string, base: string): Pull | undefined {
  return repository.issues
    .filter(isPullRequest)
    .find(({ state, pull }) => state === 'open' && pull.head === head && pull.base === base);
}

export function setDraft(
  context: Context,
  repository: Repository,
  issue: Pull,
  draft: boolean,
  sender: Account,
): Promise<Delivery | null> {
  if (issue.pull.draft === draft) return Promise.resolve(null);
  issue.pull.draft = draft;
  recordEvent(context, issue, sender, { event: draft ? 'convert_to_draft' : 'ready_for_review' });
  const action = draft ? 'converted_to_draft' : 'ready_for_review';
  return sendIssueEvent(context, repository, issue, sender, action);
}

/** Requests a review from people. GitHub notifies them again if they have reviewed since the last request. */
export async function requestReviews(
  context: Context,
  repository: Repository,
  issue: Pull,
  reviewers: Account[],
  sender: Account,
): Promise<void> {
  const { requestedReviewers } = issue.pull;
  for (const reviewer of reviewers.filter((account) => !requestedReviewers.includes(account))) {
    requestedReviewers.push(reviewer);
    recordEvent(context, issue, sender, { event: 'review_requested' });
    notify(context, repository, issue, sender, reviewer, 'review_requested', null);
    await sendIssueEvent(context, repository, issue, sender, 'review_requested', {
      requested_reviewer: renderAccount(context, reviewer),
    });
  }
}

/** Changes the base branch of a pull request. This sends no webhook. */
export async function setBase(repository: Repository, { pull }: Pull, base: string): Promise<void> {
  const baseSha = await resolveCommit(repository.folder, `heads/${base}`);
  if (!baseSha) throw validationFailed('PullRequest', { field: 'base', code: 'invalid' });
  Object.assign(pull, { base, baseSha });
}

/** Merges a pull request, like the merge button on GitHub. */
export async function mergePullRequest(
  context: Context,
  repository: Repository,
  issue: Pull,
  sender: Account,
): Promise<Delivery | null> {
  const { pull } = issue;
  const message = `Merge pull request #${issue.number} from ${repository.owner.login}/${pull.head}`;
  const now = timestamp(context);
  const author = { login: sender.login, date: now };
  pull.mergeSha = await mergeBranch(repository.folder, pull.base, pull.headSha, message, author);
  pull.mergedAt = now;
  pull.mergedBy = sender;
  return setIssueState(context, repository, issue, 'closed', sender);
}

/** Merges the base branch into the branch of a pull request, like the button "Update branch" on GitHub. */
export async function updateBranch(
  context: Context,
  repository: Repository,
  { pull }: Pull,
  sender: Account,
): Promise<void> {
  const { folder } = repository;
  const before = await listRefs(folder, 'refs/heads/');
  const base = before.get(`refs/heads/${pull.base}`) ?? pull.baseSha;
  const message = `Merge branch '${pull.base}' into ${pull.head}`;
  await mergeBranch(folder, pull.head, base, message, { login: sender.login, date: timestamp(context) });
  await noteBranchesMoved(context, repository, before, await listRefs(folder, 'refs/heads/'), sender);
  await context.deliveries.settle();
}

/**
 * Updates the open pull requests after a push. Each pull request moves to the new head of its branch, or
 * closes if the branch was deleted. The function does not wait for the webhook deliveries.
 */
export async function noteBranchesMoved(
  context: Context,
  repository: Repository,
  before: Map<string, string>,
  after: Map<string, string>,
  sender: Account,
): Promise<void> {
  const report = (error: unknown) =>
    void context.violations.push(`the delivery of pull_request failed: ${error}`);
  for (const issue of repository.issues.filter(isPullRequest)) {
    const { pull, state } = issue;
    const ref = `refs/heads/${pull.head}`;
    const [old, now] = [before.get(ref), after.get(ref)];
    if (state !== 'open' || old === now) continue;
    if (!now) {
      setIssueState(context, repository, issue, 'closed', sender).catch(report);
      continue;
    }
    const previous = pull.headSha;
    pull.headSha = now;
    pull.baseSha = after.get(`refs/heads/${pull.base}`) ?? pull.baseSha;
    issue.updatedAt = timestamp(context);
    await pointPullRef(repository, issue.number, now);
    const more = { before: previous, after: now };
    sendIssueEvent(context, repository, issue, sender, 'synchronize', more).catch(report);
  }
}

async function pointPullRef(repository: Repository, number: number, sha: string): Promise<void> {
  await runGit(repository.folder, ['update-ref', `refs/pull/${number}/head`, sha]);
}
