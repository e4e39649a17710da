import type { Delivery } from '../deliveries.js';
import type { Json, Parts } from '../parts.js';
import { renderIssue, renderLabel } from '../render/issue.js';
import { renderFullPullRequest, renderPullRequest } from '../render/pull-request.js';
import { sendEvent } from '../send-event.js';
import {
  type Account,
  type Issue,
  type IssueEvent,
  isPullRequest,
  type Label,
  type Repository,
} from '../state.js';
import { timestamp } from '../timestamp.js';

/*
 * What happens to issues, and to pull requests as far as they are issues. Each function changes the state before its
 * first `await`, so that a caller who does not wait for the delivery sees the change all the same.
 */

type Outcome = Promise<Delivery | null>;

export function createIssue(
  parts: Parts,
  repository: Repository,
  { title, body, author }: { title: string; body: string | null; author: Account },
): Issue {
  const now = timestamp(parts);
  const issue: Issue = {
    id: parts.state.nextId(),
    number: repository.issues.length + 1,
    title,
    body,
    author,
    state: 'open',
    locked: false,
    deleted: false,
    labels: [],
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

export function announceOpened(parts: Parts, repository: Repository, issue: Issue): Outcome {
  return sendIssueEvent(parts, repository, issue, issue.author, 'opened');
}

/** @returns null when the label was there already */
export function addLabel(
  parts: Parts,
  repository: Repository,
  issue: Issue,
  name: string,
  sender: Account,
): Outcome {
  if (findLabel(issue.labels, name)) return Promise.resolve(null);
  const label = ensureLabel(parts, repository, name);
  issue.labels.push(label);
  recordEvent(parts, issue, sender, { event: 'labeled', label });
  return sendIssueEvent(parts, repository, issue, sender, 'labeled', {
    label: renderLabel(parts, repository, label),
  });
}

/** @returns null when there was no such label */
export function removeLabel(
  parts: Parts,
  repository: Repository,
  issue: Issue,
  name: string,
  sender: Account,
): Outcome {
  const label = findLabel(issue.labels, name);
  if (!label) return Promise.resolve(null);
  issue.labels = issue.labels.filter((other) => other !== label);
  recordEvent(parts, issue, sender, { event: 'unlabeled', label });
  return sendIssueEvent(parts, repository, issue, sender, 'unlabeled', {
    label: renderLabel(parts, repository, label),
  });
}

export function setIssueState(
  parts: Parts,
  repository: Repository,
  issue: Issue,
  state: 'open' | 'closed',
  sender: Account,
): Outcome {
  if (issue.state === state) return Promise.resolve(null);
  const now = recordEvent(parts, issue, sender, { event: state === 'closed' ? 'closed' : 'reopened' });
  Object.assign(issue, {
    state,
    closedAt: state === 'closed' ? now : null,
    closedBy: state === 'closed' ? sender : null,
  });
  return sendIssueEvent(parts, repository, issue, sender, state === 'closed' ? 'closed' : 'reopened');
}

/** For good: nothing of it can be read or written any more. */
export async function deleteIssue(
  parts: Parts,
  repository: Repository,
  issue: Issue,
  sender: Account,
): Outcome {
  const sent = sendIssueEvent(parts, repository, issue, sender, 'deleted');
  issue.deleted = true;
  return sent;
}

export function editIssue(
  parts: Parts,
  repository: Repository,
  issue: Issue,
  changes: { title?: string | undefined; body?: string | null | undefined },
  sender: Account,
): Outcome {
  const changed: Json = {};
  if (changes.title !== undefined && changes.title !== issue.title) {
    changed.title = { from: issue.title };
    const rename = { from: issue.title, to: changes.title };
    issue.title = changes.title;
    recordEvent(parts, issue, sender, { event: 'renamed', rename });
  }
  if (changes.body !== undefined && changes.body !== issue.body) {
    changed.body = { from: issue.body ?? '' };
    issue.body = changes.body;
    issue.editedAt = timestamp(parts);
  }
  if (Object.keys(changed).length === 0) return Promise.resolve(null);
  issue.updatedAt = timestamp(parts);
  return sendIssueEvent(parts, repository, issue, sender, 'edited', { changes: changed });
}

/** GitHub calls what happens to a pull request by another event's name. */
export async function sendIssueEvent(
  parts: Parts,
  repository: Repository,
  issue: Issue,
  sender: Account,
  action: string,
  more: Json = {},
): Outcome {
  if (!isPullRequest(issue))
    return sendEvent(parts, 'issues', repository, sender, {
      action,
      issue: renderIssue(parts, repository, issue),
      ...more,
    });
  // Git takes a while to count; what the event tells of is how it was before that.
  const now = renderPullRequest(parts, repository, issue);
  const pull_request = { ...(await renderFullPullRequest(parts, repository, issue)), ...now };
  return sendEvent(parts, 'pull_request', repository, sender, {
    action,
    number: issue.number,
    pull_request,
    ...more,
  });
}

/** @returns when it was */
export function recordEvent(
  parts: Parts,
  issue: Issue,
  actor: Account,
  what: Pick<IssueEvent, 'event'> & Partial<Pick<IssueEvent, 'label' | 'rename'>>,
): string {
  const createdAt = timestamp(parts);
  issue.updatedAt = createdAt;
  issue.events.push({ id: parts.state.nextId(), actor, createdAt, label: null, rename: null, ...what });
  return createdAt;
}

export function findLabel(labels: Label[], name: string): Label | undefined {
  return labels.find((label) => label.name.toLowerCase() === name.toLowerCase());
}

/** Putting an unknown label on an issue makes it, as GitHub's API does. */
function ensureLabel(parts: Parts, repository: Repository, name: string): Label {
  const found = findLabel(repository.labels, name);
  if (found) return found;
  const label = { id: parts.state.nextId(), name };
  repository.labels.push(label);
  return label;
}
