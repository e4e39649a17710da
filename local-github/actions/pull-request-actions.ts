import { requestAction } from '../changes/check-runs.js';
import { announceOpened } from '../changes/issues.js';
import {
  createPullRequest,
  mergePullRequest,
  setBase,
  setDraft,
  updateBranch,
} from '../changes/pull-requests.js';
import { announceReview, type NewReview, replyToThread, submitReview } from '../changes/reviews.js';
import type { Context } from '../context.js';
import type { ReviewThread } from '../state.js';
import type { Delivery } from '../webhooks/deliveries.js';

type Result = Promise<Delivery | null>;

/**
 * Simulates what people do with pull requests. The promise of an action resolves after the App has responded
 * to the webhook, or after the delivery has failed. If no webhook was sent, the returned delivery is null.
 */
export interface PullRequestActions {
  /**
   * Opens a pull request.
   * @returns the pull request's number
   */
  openPullRequest(
    fullName: string,
    pull: { title: string; body?: string; head: string; base?: string; draft?: boolean; author: string },
  ): Promise<number>;
  mergePullRequest(fullName: string, number: number, byLogin: string): Result;
  /** Merges the base branch into the pull request's branch, like the button "Update branch". */
  updateBranch(fullName: string, number: number, byLogin: string): Promise<void>;
  /** Changes the base branch of the pull request. This sends no webhook. */
  setBase(fullName: string, number: number, base: string): Promise<void>;
  setDraft(fullName: string, number: number, draft: boolean, byLogin: string): Result;
  submitReview(
    fullName: string,
    number: number,
    review: NewReview,
    byLogin: string,
  ): Promise<{ id: number; threads: ReviewThread[]; delivery: Delivery | null }>;
  replyToThread(fullName: string, number: number, threadId: number, body: string, byLogin: string): Result;
  dismissReview(fullName: string, number: number, reviewId: number): Result;
  /** Simulates a click on a button of the newest check run for a commit. */
  pressButton(fullName: string, headSha: string, identifier: string, byLogin: string): Result;
}

export function createPullRequestActions(context: Context): PullRequestActions {
  const { state } = context;
  const find = (fullName: string, number: number) => {
    const repository = state.repository(fullName);
    return { repository, issue: state.pullRequest(repository, number) };
  };
  return {
    openPullRequest: async (fullName, { author, body = null, base, draft = false, ...pull }) => {
      const repository = state.repository(fullName);
      const issue = await createPullRequest(context, repository, {
        ...pull,
        body,
        base: base ?? repository.defaultBranch,
        draft,
        author: state.account(author),
      });
      await announceOpened(context, repository, issue);
      return issue.number;
    },
    mergePullRequest: (fullName, number, byLogin) => {
      const { repository, issue } = find(fullName, number);
      return mergePullRequest(context, repository, issue, state.account(byLogin));
    },
    updateBranch: (fullName, number, byLogin) => {
      const { repository, issue } = find(fullName, number);
      return updateBranch(context, repository, issue, state.account(byLogin));
    },
    setBase: (fullName, number, base) =>
      setBase(state.repository(fullName), find(fullName, number).issue, base),
    setDraft: (fullName, number, draft, byLogin) => {
      const { repository, issue } = find(fullName, number);
      return setDraft(context, repository, issue, draft, state.account(byLogin));
    },
    submitReview: async (fullName, number, wanted, byLogin) => {
      const { repository, issue } = find(fullName, number);
      const submitted = await submitReview(context, repository, issue, wanted, state.account(byLogin));
      return { id: submitted.review.id, threads: submitted.threads, delivery: submitted.delivery };
    },
    replyToThread: (fullName, number, threadId, body, byLogin) => {
      const { repository, issue } = find(fullName, number);
      const thread = issue.pull.threads.find(({ id }) => id === threadId);
      if (!thread) throw new Error(`local GitHub: ${fullName}#${number} has no thread ${threadId}`);
      return replyToThread(context, repository, issue, thread, body, state.account(byLogin));
    },
    dismissReview: (fullName, number, reviewId) => {
      const { repository, issue } = find(fullName, number);
      const review = issue.pull.reviews.find(({ id }) => id === reviewId);
      if (!review) throw new Error(`local GitHub: ${fullName}#${number} has no review ${reviewId}`);
      review.state = 'dismissed';
      return announceReview(context, repository, issue, review, 'dismissed');
    },
    pressButton: (fullName, headSha, identifier, byLogin) => {
      const repository = state.repository(fullName);
      const run = repository.checkRuns.findLast((one) => one.headSha === headSha);
      if (!run) throw new Error(`local GitHub: the commit ${headSha} of ${fullName} has no check run`);
      return requestAction(context, repository, run, identifier, state.account(byLogin));
    },
  };
}
