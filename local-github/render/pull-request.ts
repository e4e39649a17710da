import type { Json } from '../answer.js';
import type { Context } from '../context.js';
import { countCommits, findMergeBase, listChanges } from '../git/read-repository.js';
import type { Issue, PullRequest, Repository } from '../state.js';
import { renderAccount } from './account.js';
import { associationOf, pageOf, renderLabel } from './issue.js';
import { nodeId } from './node-id.js';
import { apiUrlOf, renderRepository } from './repository.js';

type Pull = Issue & { pull: PullRequest };

/**
 * Renders a pull request in the format of GitHub's schema `pull-request-simple`. This is the short form
 * that list endpoints return.
 */
export function renderPullRequest(context: Context, repository: Repository, issue: Pull): Json {
  const api = apiUrlOf(context, repository);
  const page = pageOf(context, repository, issue);
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
    user: renderAccount(context, issue.author),
    body: issue.body,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeSha,
    assignee: issue.assignees[0] ? renderAccount(context, issue.assignees[0]) : null,
    assignees: issue.assignees.map((account) => renderAccount(context, account)),
    requested_reviewers: pull.requestedReviewers.map((account) => renderAccount(context, account)),
    requested_teams: [],
    labels: issue.labels.map((label) => renderLabel(context, repository, label)),
    milestone: null,
    draft: pull.draft,
    head: renderEnd(context, repository, pull.head, pull.headSha),
    base: renderEnd(context, repository, pull.base, pull.baseSha),
    _links: Object.fromEntries(Object.entries(urls).map(([name, href]) => [name, { href }])),
    author_association: associationOf(context, repository, issue.author),
    auto_merge: null,
    active_lock_reason: null,
  };
}

/**
 * Renders a pull request in the format of GitHub's schema `pull-request`. In addition to the fields of
 * `renderPullRequest`, it contains numbers that git must compute, such as the number of commits.
 */
export async function renderFullPullRequest(
  context: Context,
  repository: Repository,
  issue: Pull,
): Promise<Json> {
  const { pull } = issue;
  const { folder } = repository;
  const from = await findMergeBase(folder, pull.baseSha, pull.headSha);
  const files = await listChanges(folder, from, pull.headSha);
  return {
    ...renderPullRequest(context, repository, issue),
    merged: pull.mergedAt !== null,
    mergeable: null,
    rebaseable: null,
    mergeable_state: 'unknown',
    merged_by: pull.mergedBy && renderAccount(context, pull.mergedBy),
    comments: issue.comments.length,
    review_comments: pull.threads.reduce((sum, thread) => sum + thread.comments.length, 0),
    maintainer_can_modify: false,
    commits: from ? await countCommits(folder, from, pull.headSha) : 0,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changed_files: files.length,
  };
}

/**
 * Renders the head or base of a pull request. As on GitHub, its `repo` contains the settings of the merge
 * button, which `renderRepository` omits.
 */
export function renderEnd(context: Context, repository: Repository, ref: string, sha: string): Json {
  return {
    label: `${repository.owner.login}:${ref}`,
    ref,
    sha,
    user: renderAccount(context, repository.owner),
    repo: {
      ...renderRepository(context, repository),
      allow_squash_merge: true,
      allow_merge_commit: true,
      allow_rebase_merge: true,
      allow_auto_merge: false,
      delete_branch_on_merge: false,
      allow_update_branch: false,
    },
  };
}
