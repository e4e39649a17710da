import { z } from 'zod';
import type { Answer } from '../answer.js';
import { type ControlRequest, controlRoot } from '../http/control-request.js';
import { type Notification, nameOf } from '../state.js';
import { type ControlAction, type ControlledGitHub, describeDelivery } from './control-action.js';
import { issueActions } from './issue-actions.js';
import { repositoryActions } from './repository-actions.js';

export const controlActions: Record<string, ControlAction> = { ...repositoryActions, ...issueActions };

/** The read-only views of the control API. `GET /_control/<name>` returns one of them. */
const views: Record<string, (github: ControlledGitHub) => unknown> = {
  '': () => ({ actions: describeActions(), views: Object.keys(views).filter(Boolean) }),
  violations: ({ violations }) => violations,
  deliveries: ({ deliveries }) => deliveries.all.map((one) => describeDelivery(one).delivery),
  notifications: ({ state }) => state.notifications.map(describeNotification),
  requests: ({ requests }) => requests.map(({ method, path, status }) => ({ method, path, status })),
};

/**
 * Handles a request to the control API. People and scripts use this API to control the local GitHub from
 * another process.
 */
export async function handleControl(github: ControlledGitHub, request: ControlRequest): Promise<Answer> {
  const { method, path, contentType, body } = request;
  const name = path.slice(controlRoot.length).replace(/^\//, '');
  if (method === 'GET') {
    const view = views[name];
    return view ? { status: 200, body: view(github) } : refuse(404, `there is no view "${name}"`);
  }
  const action = controlActions[name];
  if (method !== 'POST' || !action)
    return refuse(404, `there is no action "${name}"; GET ${controlRoot} lists all of them`);
  // Accept only JSON, so that a foreign web page cannot run actions. A browser sends JSON to another origin
  // only after a successful CORS preflight, and this server allows none.
  if (!/^application\/json\b/.test(contentType))
    return refuse(415, 'expected the input as JSON, with the header `content-type: application/json`');
  try {
    return { status: 200, body: (await action.run(github, body)) ?? {} };
  } catch (error) {
    if (error instanceof z.ZodError) return refuse(400, z.prettifyError(error));
    // An action throws an error with a message for its caller, for example when the repository is unknown.
    if (error instanceof Error) return refuse(400, error.message);
    throw error;
  }
}

function describeNotification({ account, reason, repository, issue, text }: Notification) {
  return { login: account.login, reason, repository: nameOf(repository), number: issue, text };
}

function refuse(status: number, error: string): Answer {
  return { status, body: { error } };
}

function describeActions() {
  return Object.fromEntries(
    Object.entries(controlActions).map(([name, { summary, input }]) => {
      const { properties, required } = z.toJSONSchema(input);
      return [name, { summary, input: properties, required }];
    }),
  );
}
