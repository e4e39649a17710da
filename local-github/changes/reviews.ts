import type { Delivery } from '../deliveries.js';
import type { Parts } from '../parts.js';
import { renderPullRequest } from '../render/pull-request.js';
import { renderReview, renderReviewComment } from '../render/review.js';
import { sendEvent } from '../send-event.js';
import type { Account, Issue, PullRequest, Repository, Review, ReviewThread } from '../state.js';
import { timestamp } from '../timestamp.js';

type Pull = Issue & { pull: PullRequest };

export interface NewReview {
  state: Review['state'];
  body?: string;
  /** Each begins a thread; without a line it is about the whole file. */
  comments?: { path: string; line?: number; body: string }[];
}

/** @returns the delivery of the review itself, which comes before those of its comments */
export async function submitReview(
  parts: Parts,
  repository: Repository,
  issue: Pull,
  wanted: NewReview,
  author: Account,
): Promise<{ review: Review; threads: ReviewThread[]; delivery: Delivery | null }> {
  const { pull } = issue;
  const now = timestamp(parts);
  const review: Review = {
    id: parts.state.nextId(),
    author,
    state: wanted.state,
    body: wanted.body ?? null,
    commit: pull.headSha,
    submittedAt: now,
  };
  const threads = (wanted.comments ?? []).map(({ path, line, body }) => ({
    id: parts.state.nextId(),
    reviewId: review.id,
    commit: pull.headSha,
    path,
    line: line ?? null,
    resolvedBy: null,
    comments: [{ id: parts.state.nextId(), reviewId: review.id, author, body, createdAt: now }],
  }));
  pull.reviews.push(review);
  pull.threads.push(...threads);
  issue.updatedAt = now;
  const delivery = await announceReview(parts, repository, issue, review);
  for (const thread of threads) await announceLastComment(parts, repository, issue, thread);
  return { review, threads, delivery };
}

/**
 * A lone comment is a review of its own, without a word beside it. Changes the state before its first `await`.
 * @returns the delivery of that review, which comes before the comment's
 */
export async function replyToThread(
  parts: Parts,
  repository: Repository,
  issue: Pull,
  thread: ReviewThread,
  body: string,
  author: Account,
): Promise<Delivery | null> {
  const { pull } = issue;
  const createdAt = timestamp(parts);
  const review: Review = {
    id: parts.state.nextId(),
    author,
    state: 'commented',
    body: null,
    commit: pull.headSha,
    submittedAt: createdAt,
  };
  pull.reviews.push(review);
  thread.comments.push({ id: parts.state.nextId(), reviewId: review.id, author, body, createdAt });
  const delivery = await announceReview(parts, repository, issue, review);
  await announceLastComment(parts, repository, issue, thread);
  return delivery;
}

export function announceReview(
  parts: Parts,
  repository: Repository,
  issue: Pull,
  review: Review,
  action: 'submitted' | 'dismissed' = 'submitted',
): Promise<Delivery | null> {
  return sendEvent(parts, 'pull_request_review', repository, review.author, {
    action,
    review: renderReview(parts, repository, issue, review),
    pull_request: renderPullRequest(parts, repository, issue),
  });
}

async function announceLastComment(
  parts: Parts,
  repository: Repository,
  issue: Pull,
  thread: ReviewThread,
): Promise<Delivery | null> {
  const comment = thread.comments.at(-1);
  if (!comment) return null;
  return sendEvent(parts, 'pull_request_review_comment', repository, comment.author, {
    action: 'created',
    comment: renderReviewComment(parts, repository, issue, thread, comment),
    pull_request: renderPullRequest(parts, repository, issue),
  });
}
