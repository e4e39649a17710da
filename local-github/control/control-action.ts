import { z } from 'zod';
import type { IssueActions } from '../actions/issue-actions.js';
import type { PullRequestActions } from '../actions/pull-request-actions.js';
import type { RepositoryActions } from '../actions/repository-actions.js';
import type { RequestedFault } from '../http/faults.js';
import type { Notification } from '../state.js';
import type { Delivery } from '../webhooks/deliveries.js';

/** The part of the local GitHub that the control API can use. */
export interface ControlledGitHub extends RepositoryActions, IssueActions, PullRequestActions {
  url: string;
  violations: readonly string[];
  requests: readonly { method: string; path: string; status: number }[];
  deliveries: { all: readonly Delivery[] };
  state: { notifications: readonly Notification[] };
  failNext(fault: RequestedFault): void;
  setWebhook(url: string, secret: string): void;
}

/** One action of the control API. `POST /_control/<name>` runs the action with a JSON input. */
export interface ControlAction {
  summary: string;
  input: z.ZodType;
  /** @throws ZodError when the input is invalid, Error when the action is not possible */
  run(github: ControlledGitHub, input: unknown): Promise<unknown>;
}

export function defineAction<Input extends z.ZodType>(
  summary: string,
  input: Input,
  run: (github: ControlledGitHub, input: z.infer<Input>) => unknown,
): ControlAction {
  return { summary, input, run: async (github, given) => run(github, input.parse(given)) };
}

export const repositoryName = z.string().regex(/^[\w.-]+\/[\w.-]+$/, 'expected owner/name');
/** Input fields of an action that a person performs in a repository. */
export const byPerson = { repository: repositoryName, as: z.string().describe('login of the person') };
/** Input fields of an action that a person performs on an issue or a pull request. */
export const onIssue = { ...byPerson, number: z.number().int().positive() };

/** Selects the fields of a delivery that the control API returns. */
export function describeDelivery(delivery: Delivery | null) {
  if (!delivery) return { delivery: null };
  const { id, guid, event, action, status, statusCode, redelivery } = delivery;
  return { delivery: { id, guid, event, action, status, statusCode, redelivery } };
}
