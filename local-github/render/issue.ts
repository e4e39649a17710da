import type { Json, Parts } from '../parts.js';
import type { Account, Comment, Issue, IssueEvent, Label, Reaction, Repository } from '../state.js';
import { renderAccount } from './account.js';
import { renderApp } from './app.js';
import { nodeId } from './node-id.js';
import { apiUrlOf, webUrlOf } from './repository.js';

const reactionKinds = ['+1', '-1', 'laugh', 'hooray', 'confused', 'heart', 'rocket', 'eyes'];

/** The page of an issue or pull request. */
export function pageOf(parts: Parts, repository: Repository, issue: Issue): string {
  return `${webUrlOf(parts, repository)}/${issue.pull ? 'pull' : 'issues'}/${issue.number}`;
}

export function renderLabel(parts: Parts, repository: Repository, label: Label): Json {
  return {
    id: label.id,
    node_id: nodeId('LA', label.id),
    url: `${apiUrlOf(parts, repository)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: 'ededed',
    default: false,
    description: '',
  };
}

export function renderIssueEvent(parts: Parts, repository: Repository, event: IssueEvent): Json {
  return {
    id: event.id,
    node_id: nodeId('IE', event.id),
    url: `${apiUrlOf(parts, repository)}/issues/events/${event.id}`,
    actor: renderAccount(parts, event.actor),
    event: event.event,
    commit_id: null,
    commit_url: null,
    created_at: event.createdAt,
    performed_via_github_app: event.actor === parts.app.bot ? renderApp(parts) : null,
    ...(event.label && { label: { name: event.label.name, color: 'ededed' } }),
    ...(event.rename && { rename: event.rename }),
  };
}

export function renderReaction(parts: Parts, reaction: Reaction): Json {
  return {
    id: reaction.id,
    node_id: nodeId('REA', reaction.id),
    user: renderAccount(parts, reaction.user),
    content: reaction.content,
    created_at: reaction.createdAt,
  };
}

/** An issue, or a pull request seen as one, as deliveries and the REST API show it. */
export function renderIssue(parts: Parts, repository: Repository, issue: Issue): Json {
  const url = `${apiUrlOf(parts, repository)}/issues/${issue.number}`;
  return {
    url,
    repository_url: apiUrlOf(parts, repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    timeline_url: `${url}/timeline`,
    html_url: pageOf(parts, repository, issue),
    id: issue.id,
    node_id: nodeId(issue.pull ? 'PR' : 'I', issue.id),
    number: issue.number,
    title: issue.title,
    user: renderAccount(parts, issue.author),
    labels: issue.labels.map((label) => renderLabel(parts, repository, label)),
    state: issue.state,
    state_reason: issue.state === 'closed' && !issue.pull ? 'completed' : null,
    locked: issue.locked,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: issue.comments.length,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    author_association: associationOf(parts, repository, issue.author),
    active_lock_reason: null,
    body: issue.body,
    reactions: countReactions(issue.reactions, `${url}/reactions`),
    performed_via_github_app: issue.author === parts.app.bot ? renderApp(parts) : null,
    ...(issue.pull && {
      draft: issue.pull.draft,
      pull_request: {
        url: `${apiUrlOf(parts, repository)}/pulls/${issue.number}`,
        html_url: pageOf(parts, repository, issue),
        diff_url: `${pageOf(parts, repository, issue)}.diff`,
        patch_url: `${pageOf(parts, repository, issue)}.patch`,
        merged_at: issue.pull.mergedAt,
      },
    }),
  };
}

export function renderComment(parts: Parts, repository: Repository, issue: Issue, comment: Comment): Json {
  const url = `${apiUrlOf(parts, repository)}/issues/comments/${comment.id}`;
  return {
    url,
    html_url: `${pageOf(parts, repository, issue)}#issuecomment-${comment.id}`,
    issue_url: `${apiUrlOf(parts, repository)}/issues/${issue.number}`,
    id: comment.id,
    node_id: nodeId('IC', comment.id),
    user: renderAccount(parts, comment.author),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: associationOf(parts, repository, comment.author),
    body: comment.body,
    reactions: countReactions(comment.reactions, `${url}/reactions`),
    performed_via_github_app: comment.author === parts.app.bot ? renderApp(parts) : null,
  };
}

export function associationOf(parts: Parts, repository: Repository, account: Account): string {
  if (account === repository.owner) return 'OWNER';
  const role = repository.roles.get(account.login.toLowerCase());
  if (!role || role === 'none' || account === parts.app.bot) return 'NONE';
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
