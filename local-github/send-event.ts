import type { Delivery } from './deliveries.js';
import type { Json, Parts } from './parts.js';
import { renderAccount } from './render/account.js';
import { renderInstallationId } from './render/app.js';
import { renderOrganization } from './render/organization.js';
import { renderRepository } from './render/repository.js';
import type { Account, Repository } from './state.js';

/** Tells the App of an event, and waits for its answer. */
export function sendEvent(
  parts: Parts,
  event: string,
  repository: Repository,
  sender: Account,
  payload: Json,
): Promise<Delivery | null> {
  const installation = parts.state.installationFor(repository);
  const { owner } = repository;
  const full = {
    ...payload,
    repository: renderRepository(parts, repository),
    ...(owner.type === 'Organization' && { organization: renderOrganization(parts, owner) }),
    sender: renderAccount(parts, sender),
    installation: renderInstallationId(installation),
  };
  return parts.deliveries.send(event, full, installation, repository);
}

/** Sends without waiting, as GitHub does for what came in by its API; `deliveries.settle()` waits for them all. */
export function announceEvent(
  parts: Parts,
  event: string,
  repository: Repository,
  sender: Account,
  payload: Json,
): void {
  sendEvent(parts, event, repository, sender, payload).catch((error: unknown) => {
    parts.violations.push(`delivery ${event}: ${error}`);
  });
}
