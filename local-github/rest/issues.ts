import { addLabel, findLabel, removeLabel } from '../changes/issues.js';
import { type Answer, Refusal } from '../parts.js';
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
      body: renderIssue(call.parts, call.repository, findIssue(call)),
    }),
  },
  'issues/list-for-repo': {
    by: 'repository',
    needs: { level: 'read', permissions: ['issues'] },
    handle: listIssues,
  },
  'issues/list-events': { by: 'repository', needs: read, handle: listEvents },
  'issues/add-labels': { by: 'repository', needs: write, handle: addLabels },
  'issues/remove-label': { by: 'repository', needs: write, handle: takeLabel },
};

/** Pull requests are among them, as in GitHub's answer. */
function listIssues(call: RepositoryCall): Answer {
  const { parts, repository, query } = call;
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
    .map((issue) => renderIssue(parts, repository, issue));
  return paginate(call, `/repos/${nameOf(repository)}/issues`, issues);
}

/** Oldest first. */
function listEvents(call: RepositoryCall): Answer {
  const issue = findIssue(call);
  const events = issue.events.map((event) => renderIssueEvent(call.parts, call.repository, event));
  return paginate(call, `/repos/${nameOf(call.repository)}/issues/${issue.number}/events`, events);
}

/** Each label that was not there yet is an event of its own. */
function addLabels(call: RepositoryCall): Answer {
  const { parts, repository, body } = call;
  const issue = findIssue(call);
  const names = labelNames(Array.isArray(body) ? body : body.labels);
  for (const name of names)
    addLabel(parts, repository, issue, name, parts.app.bot).catch((error: unknown) => {
      parts.violations.push(`delivery labeled: ${error}`);
    });
  return { status: 200, body: renderLabels(call) };
}

function takeLabel(call: RepositoryCall): Answer {
  const { parts, repository, params } = call;
  const issue = findIssue(call);
  const name = params.name ?? '';
  if (!findLabel(issue.labels, name)) throw new Refusal(404, 'Label does not exist');
  removeLabel(parts, repository, issue, name, parts.app.bot).catch((error: unknown) => {
    parts.violations.push(`delivery unlabeled: ${error}`);
  });
  return { status: 200, body: renderLabels(call) };
}

function renderLabels(call: RepositoryCall) {
  return findIssue(call).labels.map((label) => renderLabel(call.parts, call.repository, label));
}

function labelNames(labels: unknown): string[] {
  const list = Array.isArray(labels) ? labels : [];
  return list.map((label: string | { name: string }) => (typeof label === 'string' ? label : label.name));
}
