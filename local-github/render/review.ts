import type { Json, Parts } from '../parts.js';
import type { Issue, PullRequest, Repository, Review, ReviewThread, ThreadComment } from '../state.js';
import { renderAccount } from './account.js';
import { associationOf, countReactions, pageOf } from './issue.js';
import { nodeId } from './node-id.js';
import { apiUrlOf } from './repository.js';

type Pull = Issue & { pull: PullRequest };

/** GitHub's `pull-request-review`, as deliveries show it. */
export function renderReview(parts: Parts, repository: Repository, issue: Pull, review: Review): Json {
  const page = `${pageOf(parts, repository, issue)}#pullrequestreview-${review.id}`;
  const pull = `${apiUrlOf(parts, repository)}/pulls/${issue.number}`;
  return {
    id: review.id,
    node_id: nodeId('PRR', review.id),
    user: renderAccount(parts, review.author),
    body: review.body,
    commit_id: review.commit,
    submitted_at: review.submittedAt,
    state: review.state,
    html_url: page,
    pull_request_url: pull,
    author_association: associationOf(parts, repository, review.author),
    _links: { html: { href: page }, pull_request: { href: pull } },
  };
}

/** GitHub's `pull-request-review-comment`, as deliveries show it. */
export function renderReviewComment(
  parts: Parts,
  repository: Repository,
  issue: Pull,
  thread: ReviewThread,
  comment: ThreadComment,
): Json {
  const api = apiUrlOf(parts, repository);
  const url = `${api}/pulls/comments/${comment.id}`;
  const html = `${pageOf(parts, repository, issue)}#discussion_r${comment.id}`;
  const pull = `${api}/pulls/${issue.number}`;
  const first = thread.comments[0];
  return {
    url,
    pull_request_review_id: comment.reviewId,
    id: comment.id,
    node_id: nodeId('PRRC', comment.id),
    diff_hunk: '',
    path: thread.path,
    position: thread.line,
    original_position: thread.line ?? 1,
    commit_id: issue.pull.headSha,
    original_commit_id: thread.commit,
    user: renderAccount(parts, comment.author),
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.createdAt,
    html_url: html,
    pull_request_url: pull,
    author_association: associationOf(parts, repository, comment.author),
    _links: { self: { href: url }, html: { href: html }, pull_request: { href: pull } },
    reactions: countReactions([], `${url}/reactions`),
    start_line: null,
    original_start_line: null,
    start_side: null,
    line: thread.line,
    original_line: thread.line ?? 1,
    side: 'RIGHT',
    subject_type: thread.line === null ? 'file' : 'line',
    ...(first && first !== comment && { in_reply_to_id: first.id }),
  };
}
