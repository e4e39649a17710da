import type { Context } from '../context.js';
import { findHunk, type Side } from '../git/diff-places.js';
import { findMergeBase } from '../git/read-repository.js';
import { renderPullRequest } from '../render/pull-request.js';
import { renderReview, renderReviewComment } from '../render/review.js';
import type { Account, Issue, PullRequest, Repository, Review, ReviewThread } from '../state.js';
import { timestamp } from '../timestamp.js';
import type { Delivery } from '../webhooks/deliveries.js';
import { sendEvent } from '../webhooks/send-event.js';
import { notifyOfText } from './notifications.js';

type Pull = Issue & { pull: PullRequest };

export interface NewReview {
  state: Review['state'];
  body?: string;
  /**
   * Comments on files. Each comment starts a thread. A comment without a line number refers to the whole
   * file. As on GitHub, the pull request's diff must show the lines. `side` is `RIGHT` by default.
   */
  comments?: NewThread[];
}

export interface NewThread {
  path: string;
  line?: number | undefined;
  startLine?: number | undefined;
  side?: Side | undefined;
  body: string;
}

/**
 * Submits a review. Delivers one event for the review, then one event for each of its comments.
 * @returns the review, its threads and the delivery of the review's event
 */
export async function submitReview(
  context: Context,
  repository: Repository,
  issue: Pull,
  wanted: NewReview,
  author: Account,
): Promise<{ review: Review; threads: ReviewThread[]; delivery: Delivery | null }> {
  const { pull } = issue;
  const now = timestamp(context);
  const review: Review = {
    id: context.state.nextId(),
    author,
    state: wanted.state,
    body: wanted.body ?? null,
    commit: pull.headSha,
    submittedAt: now,
  };
  const hunks = await Promise.all((wanted.comments ?? []).map((one) => readHunk(repository, pull, one)));
  const threads = (wanted.comments ?? []).map(({ path, line, startLine, side, body }, index) => ({
    id: context.state.nextId(),
    reviewId: review.id,
    commit: pull.headSha,
    path,
    line: line ?? null,
    startLine: startLine ?? null,
    side: side ?? ('RIGHT' as const),
    diffHunk: hunks[index] ?? '',
    resolvedBy: null,
    comments: [{ id: context.state.nextId(), reviewId: review.id, author, body, createdAt: now }],
  }));
  pull.reviews.push(review);
  pull.threads.push(...threads);
  // As on GitHub, a review answers the request for it.
  pull.requestedReviewers = pull.requestedReviewers.filter((account) => account !== author);
  issue.updatedAt = now;
  const texts = [wanted.body, ...(wanted.comments ?? []).map(({ body }) => body)];
  notifyOfText(context, repository, issue, author, texts.filter(Boolean).join('\n\n'));
  const delivery = await announceReview(context, repository, issue, review);
  for (const thread of threads) await announceLastComment(context, repository, issue, thread);
  return { review, threads, delivery };
}

/** @throws Error if the diff of the pull request does not show the lines, because GitHub offers no others */
async function readHunk(
  { folder }: Repository,
  { baseSha, headSha }: PullRequest,
  { path, line, startLine = line, side = 'RIGHT' }: NewThread,
): Promise<string> {
  if (line === undefined || startLine === undefined) return '';
  const commits: [string, string] = [(await findMergeBase(folder, baseSha, headSha)) ?? baseSha, headSha];
  const first = await findHunk(folder, commits, path, { line: startLine, side });
  const hunk = await findHunk(folder, commits, path, { line, side });
  if (first === null || hunk === null)
    throw new Error(`local GitHub: the diff shows no line ${line} of ${path} on the side ${side}`);
  return hunk;
}

/**
 * Replies to a thread. As on GitHub, the reply becomes part of a new review without a body. The reply is
 * stored before the first `await`. A caller that does not wait for the deliveries therefore sees the reply
 * immediately.
 * @returns the delivery of the review's event; the event of the comment is delivered after it
 */
export async function replyToThread(
  context: Context,
  repository: Repository,
  issue: Pull,
  thread: ReviewThread,
  body: string,
  author: Account,
): Promise<Delivery | null> {
  const { pull } = issue;
  const createdAt = timestamp(context);
  const review: Review = {
    id: context.state.nextId(),
    author,
    state: 'commented',
    body: null,
    commit: pull.headSha,
    submittedAt: createdAt,
  };
  pull.reviews.push(review);
  thread.comments.push({ id: context.state.nextId(), reviewId: review.id, author, body, createdAt });
  notifyOfText(context, repository, issue, author, body);
  const delivery = await announceReview(context, repository, issue, review);
  await announceLastComment(context, repository, issue, thread);
  return delivery;
}

export function announceReview(
  context: Context,
  repository: Repository,
  issue: Pull,
  review: Review,
  action: 'submitted' | 'dismissed' = 'submitted',
): Promise<Delivery | null> {
  return sendEvent(context, 'pull_request_review', repository, review.author, {
    action,
    review: renderReview(context, repository, issue, review),
    pull_request: renderPullRequest(context, repository, issue),
  });
}

async function announceLastComment(
  context: Context,
  repository: Repository,
  issue: Pull,
  thread: ReviewThread,
): Promise<Delivery | null> {
  const comment = thread.comments.at(-1);
  if (!comment) return null;
  return sendEvent(context, 'pull_request_review_comment', repository, comment.author, {
    action: 'created',
    comment: renderReviewComment(context, repository, issue, thread, comment),
    pull_request: renderPullRequest(context, repository, issue),
  });
}
