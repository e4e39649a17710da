import type { Json } from '../answer.js';
import type { Context } from '../context.js';
import { renderAccount } from '../render/account.js';
import { renderIssue, renderLabel } from '../render/issue.js';
import { renderFullPullRequest, renderPullRequest } from '../render/pull-request.js';
import {
  type Account,
  type Issue,
  type IssueEvent,
  isPullRequest,
  type Label,
  type Repository,
} from '../state.js';
import { timestamp } from '../timestamp.js';
import type { Delivery } from '../webhooks/deliveries.js';
import { sendEvent } from '../webhooks/send-event.js';
import { notify, notifyOfText } from './notifications.js';

/*
 * The functions in this file change issues. They also change pull requests, because GitHub treats every pull
 * request as an issue. Each function changes the state before its first `await`. A caller that does not wait
 * for the delivery therefore sees the change immediately.
 */

type Result = Promise<Delivery | null>;

export function createIssue(
  context: Context,
  repository: Repository,
  { title, body, author }: { title: string; body: string | null; author: Account },
): Issue {
  const now = timestamp(context);
  const issue: Issue = {
    id: context.state.nextId(),
    number: repository.issues.length + 1,
    title,
    body,
    author,
    state: 'open',
    locked: false,
    deleted: false,
    labels: [],
    assignees: [],
    comments: [],
    events: [],
    reactions: [],
    createdAt: now,
    updatedAt: now,
    editedAt: null,
    closedAt: null,
    closedBy: null,
    pull: null,
  };
  repository.issues.push(issue);
  return issue;
}

export function announceOpened(context: Context, repository: Repository, issue: Issue): Result {
  notifyOfText(context, repository, issue, issue.author, issue.body);
  return sendIssueEvent(context, repository, issue, issue.author, 'opened');
}

/**
 * Adds a label and delivers the `labeled` event.
 * @returns null when no event was sent, for example because the issue already has the label
 */
export function addLabel(
  context: Context,
  repository: Repository,
  issue: Issue,
  name: string,
  sender: Account,
): Result {
  if (findLabel(issue.labels, name)) return Promise.resolve(null);
  const label = ensureLabel(context, repository, name);
  issue.labels.push(label);
  recordEvent(context, issue, sender, { event: 'labeled', label });
  return sendIssueEvent(context, repository, issue, sender, 'labeled', {
    label: renderLabel(context, repository, label),
  });
}

/**
 * Removes a label and delivers the `unlabeled` event.
 * @returns null when no event was sent, for example because the issue does not have the label
 */
export function removeLabel(
  context: Context,
  repository: Repository,
  issue: Issue,
  name: string,
  sender: Account,
): Result {
  const label = findLabel(issue.labels, name);
  if (!label) return Promise.resolve(null);
  issue.labels = issue.labels.filter((other) => other !== label);
  recordEvent(context, issue, sender, { event: 'unlabeled', label });
  return sendIssueEvent(context, repository, issue, sender, 'unlabeled', {
    label: renderLabel(context, repository, label),
  });
}

/** Assigns the issue to a person and delivers the `assigned` event. */
export function assign(
  context: Context,
  repository: Repository,
  issue: Issue,
  assignee: Account,
  sender: Account,
): Result {
  if (issue.assignees.includes(assignee)) return Promise.resolve(null);
  issue.assignees.push(assignee);
  recordEvent(context, issue, sender, { event: 'assigned' });
  notify(context, repository, issue, sender, assignee, 'assign', null);
  return sendIssueEvent(context, repository, issue, sender, 'assigned', {
    assignee: renderAccount(context, assignee),
  });
}

export function setIssueState(
  context: Context,
  repository: Repository,
  issue: Issue,
  state: 'open' | 'closed',
  sender: Account,
): Result {
  if (issue.state === state) return Promise.resolve(null);
  const now = recordEvent(context, issue, sender, { event: state === 'closed' ? 'closed' : 'reopened' });
  Object.assign(issue, {
    state,
    closedAt: state === 'closed' ? now : null,
    closedBy: state === 'closed' ? sender : null,
  });
  return sendIssueEvent(context, repository, issue, sender, state === 'closed' ? 'closed' : 'reopened');
}

/** Deletes an issue. The API then responds to requests for this issue with 410. */
export async function deleteIssue(
  context: Context,
  repository: Repository,
  issue: Issue,
  sender: Account,
): Result {
  const sent = sendIssueEvent(context, repository, issue, sender, 'deleted');
  issue.deleted = true;
  return sent;
}

export function editIssue(
  context: Context,
  repository: Repository,
  issue: Issue,
  changes: { title?: string | undefined; body?: string | null | undefined },
  sender: Account,
): Result {
  const changed: Json = {};
  if (changes.title !== undefined && changes.title !== issue.title) {
    changed.title = { from: issue.title };
    const rename = { from: issue.title, to: changes.title };
    issue.title = changes.title;
    recordEvent(context, issue, sender, { event: 'renamed', rename });
  }
  if (changes.body !== undefined && changes.body !== issue.body) {
    changed.body = { from: issue.body ?? '' };
    issue.body = changes.body;
    issue.editedAt = timestamp(context);
  }
  if (Object.keys(changed).length === 0) return Promise.resolve(null);
  issue.updatedAt = timestamp(context);
  return sendIssueEvent(context, repository, issue, sender, 'edited', { changes: changed });
}

/** Delivers an `issues` event. For a pull request, delivers a `pull_request` event with the same action. */
export async function sendIssueEvent(
  context: Context,
  repository: Repository,
  issue: Issue,
  sender: Account,
  action: string,
  more: Json = {},
): Result {
  if (!isPullRequest(issue))
    return sendEvent(context, 'issues', repository, sender, {
      action,
      issue: renderIssue(context, repository, issue),
      ...more,
    });
  // Render the current state before git counts commits and changes, because the state could change while git
  // runs.
  const now = renderPullRequest(context, repository, issue);
  const pull_request = { ...(await renderFullPullRequest(context, repository, issue)), ...now };
  return sendEvent(context, 'pull_request', repository, sender, {
    action,
    number: issue.number,
    pull_request,
    ...more,
  });
}

/**
 * Adds an event to the timeline of an issue.
 * @returns the time of the event
 */
export function recordEvent(
  context: Context,
  issue: Issue,
  actor: Account,
  what: Pick<IssueEvent, 'event'> & Partial<Pick<IssueEvent, 'label' | 'rename'>>,
): string {
  const createdAt = timestamp(context);
  issue.updatedAt = createdAt;
  issue.events.push({ id: context.state.nextId(), actor, createdAt, label: null, rename: null, ...what });
  return createdAt;
}

export function findLabel(labels: Label[], name: string): Label | undefined {
  return labels.find((label) => label.name.toLowerCase() === name.toLowerCase());
}

/** Finds a label of the repository. Creates the label if it does not exist, as GitHub's API does. */
function ensureLabel(context: Context, repository: Repository, name: string): Label {
  const found = findLabel(repository.labels, name);
  if (found) return found;
  const label = { id: context.state.nextId(), name };
  repository.labels.push(label);
  return label;
}
