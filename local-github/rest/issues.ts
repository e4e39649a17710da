import type { Answer } from '../answer.js';
import { addLabel, assign, findLabel, removeLabel } from '../changes/issues.js';
import { Refusal } from '../refusal.js';
import { renderIssue, renderIssueEvent, renderLabel } from '../render/issue.js';
import { nameOf } from '../state.js';
import {
  findIssue,
  issuePermissions,
  type Needs,
  type Operations,
  type RepositoryCall,
} from './operation.js';
import { paginate } from './paginate.js';

const read: Needs = { level: 'read', permissions: issuePermissions };
const write: Needs = { level: 'write', permissions: issuePermissions };

export const issueOperations: Operations = {
  'issues/get': {
    by: 'repository',
    needs: read,
    handle: (call) => ({
      status: 200,
      body: renderIssue(call.context, call.repository, findIssue(call)),
    }),
  },
  'issues/list-for-repo': {
    by: 'repository',
    needs: { level: 'read', permissions: ['issues'] },
    handle: listIssues,
  },
  'issues/list-events': { by: 'repository', needs: read, handle: listEvents },
  'issues/add-assignees': { by: 'repository', needs: write, handle: addAssignees },
  'issues/add-labels': { by: 'repository', needs: write, handle: addLabels },
  'issues/remove-label': { by: 'repository', needs: write, handle: takeLabel },
};

/** Lists issues. As on GitHub, the list contains both issues and pull requests. */
function listIssues(call: RepositoryCall): Answer {
  const { context, repository, query } = call;
  const state = query.state ?? 'open';
  const labels = (query.labels ?? '').split(',').filter(Boolean);
  const by = query.sort === 'updated' ? 'updatedAt' : 'createdAt';
  const sign = query.direction === 'asc' ? 1 : -1;
  const issues = repository.issues
    .filter((issue) => !issue.deleted && (state === 'all' || issue.state === state))
    .filter((issue) => labels.every((name) => findLabel(issue.labels, name)))
    .filter((issue) => !query.creator || issue.author.login.toLowerCase() === query.creator.toLowerCase())
    .filter((issue) => !query.since || Date.parse(issue.updatedAt) >= Date.parse(query.since))
    .sort((one, other) => sign * (one[by].localeCompare(other[by]) || one.number - other.number))
    .map((issue) => renderIssue(context, repository, issue));
  return paginate(call, `/repos/${nameOf(repository)}/issues`, issues);
}

/** Lists the events of an issue, oldest first. */
function listEvents(call: RepositoryCall): Answer {
  const issue = findIssue(call);
  const events = issue.events.map((event) => renderIssueEvent(call.context, call.repository, event));
  return paginate(call, `/repos/${nameOf(call.repository)}/issues/${issue.number}/events`, events);
}

/** Adds labels. As on GitHub, a separate webhook is sent for each new label. */
function addLabels(call: RepositoryCall): Answer {
  const { context, repository, body } = call;
  const issue = findIssue(call);
  const names = labelNames(Array.isArray(body) ? body : body.labels);
  for (const name of names)
    addLabel(context, repository, issue, name, context.app.bot).catch((error: unknown) => {
      context.violations.push(`the delivery of labeled failed: ${error}`);
    });
  return { status: 200, body: renderLabels(call) };
}

const maxAssignees = 10;

/** Assigns people. As on GitHub, those who cannot be assigned are left out without an error. */
function addAssignees(call: RepositoryCall): Answer {
  const { context, repository, body } = call;
  const issue = findIssue(call);
  for (const login of (body.assignees ?? []) as string[]) {
    const account = context.state.findAccount(login);
    const canWrite = account && repository.roles.has(account.login.toLowerCase());
    if (account?.type !== 'User' || !(canWrite || account === repository.owner)) continue;
    if (issue.assignees.length === maxAssignees) break;
    assign(context, repository, issue, account, context.app.bot).catch((error: unknown) => {
      context.violations.push(`the delivery of assigned failed: ${error}`);
    });
  }
  return { status: 201, body: renderIssue(context, repository, issue) };
}

function takeLabel(call: RepositoryCall): Answer {
  const { context, repository, params } = call;
  const issue = findIssue(call);
  const name = params.name ?? '';
  if (!findLabel(issue.labels, name)) throw new Refusal(404, 'Label does not exist');
  removeLabel(context, repository, issue, name, context.app.bot).catch((error: unknown) => {
    context.violations.push(`the delivery of unlabeled failed: ${error}`);
  });
  return { status: 200, body: renderLabels(call) };
}

function renderLabels(call: RepositoryCall) {
  return findIssue(call).labels.map((label) => renderLabel(call.context, call.repository, label));
}

function labelNames(labels: unknown): string[] {
  const list = Array.isArray(labels) ? labels : [];
  return list.map((label: string | { name: string }) => (typeof label === 'string' ? label : label.name));
}
