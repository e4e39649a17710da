import { requestAction } from './changes/check-runs.js';
import { announceComment, createComment, editComment } from './changes/comments.js';
import {
  addLabel,
  announceOpened,
  createIssue,
  deleteIssue,
  editIssue,
  removeLabel,
  setIssueState,
} from './changes/issues.js';
import { createPullRequest, mergePullRequest, setBase, setDraft } from './changes/pull-requests.js';
import { announceReview, type NewReview, replyToThread, submitReview } from './changes/reviews.js';
import type { Delivery } from './deliveries.js';
import type { Parts } from './parts.js';
import type { ReviewThread } from './state.js';

type Outcome = Promise<Delivery | null>;
type Texts = { title?: string; body?: string };

/**
 * What people do on GitHub's pages. Each resolves when the App has answered the delivery, or has failed to; the
 * delivery is null where nobody is told.
 */
export interface PeopleActions {
  /** @returns the issue's number */
  openIssue(
    fullName: string,
    issue: { title: string; body?: string | null; author: string },
  ): Promise<number>;
  editIssue(fullName: string, number: number, changes: Texts, byLogin: string): Outcome;
  label(fullName: string, number: number, label: string, byLogin: string): Outcome;
  unlabel(fullName: string, number: number, label: string, byLogin: string): Outcome;
  comment(
    fullName: string,
    number: number,
    body: string,
    byLogin: string,
  ): Promise<{ id: number; delivery: Delivery | null }>;
  editComment(fullName: string, commentId: number, body: string, byLogin: string): Outcome;
  closeIssue(fullName: string, number: number, byLogin: string): Outcome;
  reopenIssue(fullName: string, number: number, byLogin: string): Outcome;
  deleteIssue(fullName: string, number: number, byLogin: string): Outcome;
  /** Without a delivery: the App is not told of it in a way that it reads. */
  deleteComment(fullName: string, number: number, commentId: number): void;
  /** Presses a button of the newest check run of a commit. */
  pressButton(fullName: string, headSha: string, identifier: string, byLogin: string): Outcome;
  /** @returns the pull request's number */
  openPullRequest(
    fullName: string,
    pull: { title: string; body?: string; head: string; base?: string; draft?: boolean; author: string },
  ): Promise<number>;
  mergePullRequest(fullName: string, number: number, byLogin: string): Outcome;
  setBase(fullName: string, number: number, base: string): Promise<void>;
  setDraft(fullName: string, number: number, draft: boolean, byLogin: string): Outcome;
  submitReview(
    fullName: string,
    number: number,
    review: NewReview,
    byLogin: string,
  ): Promise<{ id: number; threads: ReviewThread[]; delivery: Delivery | null }>;
  replyToThread(fullName: string, number: number, threadId: number, body: string, byLogin: string): Outcome;
  dismissReview(fullName: string, number: number, reviewId: number): Outcome;
}

export function createPeopleActions(parts: Parts): PeopleActions {
  const { state } = parts;
  const find = (fullName: string, number: number, login: string) => {
    const repository = state.repository(fullName);
    return { repository, issue: state.issue(repository, number), person: state.account(login) };
  };
  return {
    openIssue: async (fullName, { title, body, author }) => {
      const repository = state.repository(fullName);
      const issue = createIssue(parts, repository, {
        title,
        body: body ?? null,
        author: state.account(author),
      });
      await announceOpened(parts, repository, issue);
      return issue.number;
    },
    editIssue: (fullName, number, changes, byLogin) => {
      const { repository, issue, person } = find(fullName, number, byLogin);
      return editIssue(parts, repository, issue, changes, person);
    },
    label: (fullName, number, label, byLogin) => {
      const { repository, issue, person } = find(fullName, number, byLogin);
      return addLabel(parts, repository, issue, label, person);
    },
    unlabel: (fullName, number, label, byLogin) => {
      const { repository, issue, person } = find(fullName, number, byLogin);
      return removeLabel(parts, repository, issue, label, person);
    },
    comment: async (fullName, number, body, byLogin) => {
      const { repository, issue, person } = find(fullName, number, byLogin);
      const comment = createComment(parts, issue, body, person);
      return { id: comment.id, delivery: await announceComment(parts, repository, issue, comment) };
    },
    editComment: async (fullName, commentId, body, byLogin) => {
      const repository = state.repository(fullName);
      for (const issue of repository.issues) {
        const comment = issue.comments.find(({ id }) => id === commentId);
        if (comment) return editComment(parts, repository, issue, comment, body, state.account(byLogin));
      }
      throw new Error(`local GitHub: ${fullName} has no comment ${commentId}`);
    },
    closeIssue: (fullName, number, byLogin) => {
      const { repository, issue, person } = find(fullName, number, byLogin);
      return setIssueState(parts, repository, issue, 'closed', person);
    },
    reopenIssue: (fullName, number, byLogin) => {
      const { repository, issue, person } = find(fullName, number, byLogin);
      return setIssueState(parts, repository, issue, 'open', person);
    },
    deleteIssue: (fullName, number, byLogin) => {
      const { repository, issue, person } = find(fullName, number, byLogin);
      return deleteIssue(parts, repository, issue, person);
    },
    deleteComment: (fullName, number, commentId) => {
      const issue = state.issue(state.repository(fullName), number);
      issue.comments = issue.comments.filter(({ id }) => id !== commentId);
    },
    pressButton: (fullName, headSha, identifier, byLogin) => {
      const repository = state.repository(fullName);
      const run = repository.checkRuns.findLast((one) => one.headSha === headSha);
      if (!run) throw new Error(`local GitHub: ${fullName} has no check run of ${headSha}`);
      return requestAction(parts, repository, run, identifier, state.account(byLogin));
    },
    openPullRequest: async (fullName, { author, ...pull }) => {
      const repository = state.repository(fullName);
      const issue = await createPullRequest(parts, repository, {
        title: pull.title,
        body: pull.body ?? null,
        head: pull.head,
        base: pull.base ?? repository.defaultBranch,
        draft: pull.draft ?? false,
        author: state.account(author),
      });
      await announceOpened(parts, repository, issue);
      return issue.number;
    },
    mergePullRequest: (fullName, number, byLogin) => {
      const { repository, person } = find(fullName, number, byLogin);
      return mergePullRequest(parts, repository, state.pullRequest(repository, number), person);
    },
    setBase: (fullName, number, base) => {
      const repository = state.repository(fullName);
      return setBase(repository, state.pullRequest(repository, number), base);
    },
    setDraft: (fullName, number, draft, byLogin) => {
      const { repository, person } = find(fullName, number, byLogin);
      return setDraft(parts, repository, state.pullRequest(repository, number), draft, person);
    },
    submitReview: async (fullName, number, wanted, byLogin) => {
      const { repository, person } = find(fullName, number, byLogin);
      const issue = state.pullRequest(repository, number);
      const { review, threads, delivery } = await submitReview(parts, repository, issue, wanted, person);
      return { id: review.id, threads, delivery };
    },
    replyToThread: (fullName, number, threadId, body, byLogin) => {
      const { repository, person } = find(fullName, number, byLogin);
      const issue = state.pullRequest(repository, number);
      const thread = issue.pull.threads.find(({ id }) => id === threadId);
      if (!thread) throw new Error(`local GitHub: ${fullName}#${number} has no thread ${threadId}`);
      return replyToThread(parts, repository, issue, thread, body, person);
    },
    dismissReview: (fullName, number, reviewId) => {
      const repository = state.repository(fullName);
      const issue = state.pullRequest(repository, number);
      const review = issue.pull.reviews.find(({ id }) => id === reviewId);
      if (!review) throw new Error(`local GitHub: ${fullName}#${number} has no review ${reviewId}`);
      review.state = 'dismissed';
      return announceReview(parts, repository, issue, review, 'dismissed');
    },
  };
}
