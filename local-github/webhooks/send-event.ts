import type { Json } from '../answer.js';
import type { Context } from '../context.js';
import { renderAccount } from '../render/account.js';
import { renderInstallationId } from '../render/app.js';
import { renderOrganization } from '../render/organization.js';
import { renderRepository } from '../render/repository.js';
import type { Account, Repository } from '../state.js';
import type { Delivery } from './deliveries.js';

/** Delivers an event to the App and waits for the App's response. */
export function sendEvent(
  context: Context,
  event: string,
  repository: Repository,
  sender: Account,
  payload: Json,
): Promise<Delivery | null> {
  const installation = context.state.installationFor(repository);
  const { owner } = repository;
  const full = {
    ...payload,
    repository: renderRepository(context, repository),
    ...(owner.type === 'Organization' && { organization: renderOrganization(context, owner) }),
    sender: renderAccount(context, sender),
    installation: renderInstallationId(installation),
  };
  return context.deliveries.send(event, full, installation, repository);
}

/**
 * Delivers an event without waiting for the App's response, as GitHub does after an API request.
 * `deliveries.settle()` waits for all such deliveries.
 */
export function announceEvent(
  context: Context,
  event: string,
  repository: Repository,
  sender: Account,
  payload: Json,
): void {
  sendEvent(context, event, repository, sender, payload).catch((error: unknown) => {
    context.violations.push(`the delivery of ${event} failed: ${error}`);
  });
}
