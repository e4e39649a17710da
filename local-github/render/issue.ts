import type { Json } from '../answer.js';
import type { Context } from '../context.js';
import type { Account, Comment, Issue, IssueEvent, Label, Reaction, Repository } from '../state.js';
import { renderAccount } from './account.js';
import { renderApp } from './app.js';
import { nodeId } from './node-id.js';
import { apiUrlOf, webUrlOf } from './repository.js';

const reactionKinds = ['+1', '-1', 'laugh', 'hooray', 'confused', 'heart', 'rocket', 'eyes'];

/** Returns the URL of the web page of an issue or pull request. */
export function pageOf(context: Context, repository: Repository, issue: Issue): string {
  return `${webUrlOf(context, repository)}/${issue.pull ? 'pull' : 'issues'}/${issue.number}`;
}

export function renderLabel(context: Context, repository: Repository, label: Label): Json {
  return {
    id: label.id,
    node_id: nodeId('LA', label.id),
    url: `${apiUrlOf(context, repository)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: 'ededed',
    default: false,
    description: '',
  };
}

export function renderIssueEvent(context: Context, repository: Repository, event: IssueEvent): Json {
  return {
    id: event.id,
    node_id: nodeId('IE', event.id),
    url: `${apiUrlOf(context, repository)}/issues/events/${event.id}`,
    actor: renderAccount(context, event.actor),
    event: event.event,
    commit_id: null,
    commit_url: null,
    created_at: event.createdAt,
    performed_via_github_app: event.actor === context.app.bot ? renderApp(context) : null,
    ...(event.label && { label: { name: event.label.name, color: 'ededed' } }),
    ...(event.rename && { rename: event.rename }),
  };
}

export function renderReaction(context: Context, reaction: Reaction): Json {
  return {
    id: reaction.id,
    node_id: nodeId('REA', reaction.id),
    user: renderAccount(context, reaction.user),
    content: reaction.content,
    created_at: reaction.createdAt,
  };
}

/** Renders an issue for webhook payloads and the REST API. Renders a pull request in the same format. */
export function renderIssue(context: Context, repository: Repository, issue: Issue): Json {
  const url = `${apiUrlOf(context, repository)}/issues/${issue.number}`;
  return {
    url,
    repository_url: apiUrlOf(context, repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    timeline_url: `${url}/timeline`,
    html_url: pageOf(context, repository, issue),
    id: issue.id,
    node_id: nodeId(issue.pull ? 'PR' : 'I', issue.id),
    number: issue.number,
    title: issue.title,
    user: renderAccount(context, issue.author),
    labels: issue.labels.map((label) => renderLabel(context, repository, label)),
    state: issue.state,
    state_reason: issue.state === 'closed' && !issue.pull ? 'completed' : null,
    locked: issue.locked,
    assignee: issue.assignees[0] ? renderAccount(context, issue.assignees[0]) : null,
    assignees: issue.assignees.map((account) => renderAccount(context, account)),
    milestone: null,
    comments: issue.comments.length,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    author_association: associationOf(context, repository, issue.author),
    active_lock_reason: null,
    body: issue.body,
    reactions: countReactions(issue.reactions, `${url}/reactions`),
    performed_via_github_app: issue.author === context.app.bot ? renderApp(context) : null,
    ...(issue.pull && {
      draft: issue.pull.draft,
      pull_request: {
        url: `${apiUrlOf(context, repository)}/pulls/${issue.number}`,
        html_url: pageOf(context, repository, issue),
        diff_url: `${pageOf(context, repository, issue)}.diff`,
        patch_url: `${pageOf(context, repository, issue)}.patch`,
        merged_at: issue.pull.mergedAt,
      },
    }),
  };
}

export function renderComment(
  context: Context,
  repository: Repository,
  issue: Issue,
  comment: Comment,
): Json {
  const url = `${apiUrlOf(context, repository)}/issues/comments/${comment.id}`;
  return {
    url,
    html_url: `${pageOf(context, repository, issue)}#issuecomment-${comment.id}`,
    issue_url: `${apiUrlOf(context, repository)}/issues/${issue.number}`,
    id: comment.id,
    node_id: nodeId('IC', comment.id),
    user: renderAccount(context, comment.author),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: associationOf(context, repository, comment.author),
    body: comment.body,
    reactions: countReactions(comment.reactions, `${url}/reactions`),
    performed_via_github_app: comment.author === context.app.bot ? renderApp(context) : null,
  };
}

export function associationOf(context: Context, repository: Repository, account: Account): string {
  if (account === repository.owner) return 'OWNER';
  const role = repository.roles.get(account.login.toLowerCase());
  if (!role || role === 'none' || account === context.app.bot) return 'NONE';
  return repository.owner.type === 'Organization' ? 'MEMBER' : 'COLLABORATOR';
}

export function countReactions(reactions: Reaction[], url: string): Json {
  const count = (kind: string) => reactions.filter(({ content }) => content === kind).length;
  return {
    url,
    total_count: reactions.length,
    ...Object.fromEntries(reactionKinds.map((kind) => [kind, count(kind)])),
  };
}
