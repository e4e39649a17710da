import type { Json } from '../answer.js';
import type { Context } from '../context.js';
import type { Issue, PullRequest, Repository, Review, ReviewThread, ThreadComment } from '../state.js';
import { renderAccount } from './account.js';
import { associationOf, countReactions, pageOf } from './issue.js';
import { nodeId } from './node-id.js';
import { apiUrlOf } from './repository.js';

type Pull = Issue & { pull: PullRequest };

/** Renders a review in the format of GitHub's schema `pull-request-review` for webhook payloads. */
export function renderReview(context: Context, repository: Repository, issue: Pull, review: Review): Json {
  const page = `${pageOf(context, repository, issue)}#pullrequestreview-${review.id}`;
  const pull = `${apiUrlOf(context, repository)}/pulls/${issue.number}`;
  return {
    id: review.id,
    node_id: nodeId('PRR', review.id),
    user: renderAccount(context, review.author),
    body: review.body,
    commit_id: review.commit,
    submitted_at: review.submittedAt,
    state: review.state,
    html_url: page,
    pull_request_url: pull,
    author_association: associationOf(context, repository, review.author),
    _links: { html: { href: page }, pull_request: { href: pull } },
  };
}

/**
 * Renders a review comment in the format of GitHub's schema `pull-request-review-comment` for webhook
 * payloads.
 */
export function renderReviewComment(
  context: Context,
  repository: Repository,
  issue: Pull,
  thread: ReviewThread,
  comment: ThreadComment,
): Json {
  const api = apiUrlOf(context, repository);
  const url = `${api}/pulls/comments/${comment.id}`;
  const html = `${pageOf(context, repository, issue)}#discussion_r${comment.id}`;
  const pull = `${api}/pulls/${issue.number}`;
  const first = thread.comments[0];
  return {
    url,
    pull_request_review_id: comment.reviewId,
    id: comment.id,
    node_id: nodeId('PRRC', comment.id),
    diff_hunk: thread.diffHunk,
    path: thread.path,
    position: thread.line,
    original_position: thread.line ?? 1,
    commit_id: issue.pull.headSha,
    original_commit_id: thread.commit,
    user: renderAccount(context, comment.author),
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.createdAt,
    html_url: html,
    pull_request_url: pull,
    author_association: associationOf(context, repository, comment.author),
    _links: { self: { href: url }, html: { href: html }, pull_request: { href: pull } },
    reactions: countReactions([], `${url}/reactions`),
    start_line: thread.startLine,
    original_start_line: thread.startLine,
    start_side: thread.startLine === null ? null : thread.side,
    line: thread.line,
    original_line: thread.line ?? 1,
    side: thread.side,
    subject_type: thread.line === null ? 'file' : 'line',
    ...(first && first !== comment && { in_reply_to_id: first.id }),
  };
}
