import type { Json, Parts } from '../parts.js';
import { countCommits, findMergeBase, listChanges } from '../read-repository.js';
import type { Issue, PullRequest, Repository } from '../state.js';
import { renderAccount } from './account.js';
import { associationOf, pageOf, renderLabel } from './issue.js';
import { nodeId } from './node-id.js';
import { apiUrlOf, renderRepository } from './repository.js';

type Pull = Issue & { pull: PullRequest };

/** GitHub's `pull-request-simple`, as lists show it. */
export function renderPullRequest(parts: Parts, repository: Repository, issue: Pull): Json {
  const api = apiUrlOf(parts, repository);
  const page = pageOf(parts, repository, issue);
  const { pull } = issue;
  const urls = {
    self: `${api}/pulls/${issue.number}`,
    html: page,
    issue: `${api}/issues/${issue.number}`,
    comments: `${api}/issues/${issue.number}/comments`,
    review_comments: `${api}/pulls/${issue.number}/comments`,
    review_comment: `${api}/pulls/comments{/number}`,
    commits: `${api}/pulls/${issue.number}/commits`,
    statuses: `${api}/statuses/${pull.headSha}`,
  };
  return {
    url: urls.self,
    id: issue.id,
    node_id: nodeId('PR', issue.id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: urls.issue,
    commits_url: urls.commits,
    review_comments_url: urls.review_comments,
    review_comment_url: urls.review_comment,
    comments_url: urls.comments,
    statuses_url: urls.statuses,
    number: issue.number,
    state: issue.state,
    locked: issue.locked,
    title: issue.title,
    user: renderAccount(parts, issue.author),
    body: issue.body,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeSha,
    assignee: null,
    assignees: [],
    requested_reviewers: pull.requestedReviewers.map((account) => renderAccount(parts, account)),
    requested_teams: [],
    labels: issue.labels.map((label) => renderLabel(parts, repository, label)),
    milestone: null,
    draft: pull.draft,
    head: renderEnd(parts, repository, pull.head, pull.headSha),
    base: renderEnd(parts, repository, pull.base, pull.baseSha),
    _links: Object.fromEntries(Object.entries(urls).map(([name, href]) => [name, { href }])),
    author_association: associationOf(parts, repository, issue.author),
    auto_merge: null,
    active_lock_reason: null,
  };
}

/** GitHub's `pull-request`, with what has to be counted in git. */
export async function renderFullPullRequest(
  parts: Parts,
  repository: Repository,
  issue: Pull,
): Promise<Json> {
  const { pull } = issue;
  const { folder } = repository;
  const from = await findMergeBase(folder, pull.baseSha, pull.headSha);
  const files = await listChanges(folder, from, pull.headSha);
  return {
    ...renderPullRequest(parts, repository, issue),
    merged: pull.mergedAt !== null,
    mergeable: null,
    rebaseable: null,
    mergeable_state: 'unknown',
    merged_by: pull.mergedBy && renderAccount(parts, pull.mergedBy),
    comments: issue.comments.length,
    review_comments: pull.threads.reduce((sum, thread) => sum + thread.comments.length, 0),
    maintainer_can_modify: false,
    commits: from ? await countCommits(folder, from, pull.headSha) : 0,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changed_files: files.length,
  };
}

/** A pull request's repositories carry settings of their merge button. */
export function renderEnd(parts: Parts, repository: Repository, ref: string, sha: string): Json {
  return {
    label: `${repository.owner.login}:${ref}`,
    ref,
    sha,
    user: renderAccount(parts, repository.owner),
    repo: {
      ...renderRepository(parts, repository),
      allow_squash_merge: true,
      allow_merge_commit: true,
      allow_rebase_merge: true,
      allow_auto_merge: false,
      delete_branch_on_merge: false,
      allow_update_branch: false,
    },
  };
}
