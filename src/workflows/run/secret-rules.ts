import { readAllowedPlaces } from '../../database/allowed-secrets.js';
import type { SecretRules } from '../../evidence/scan/scan-secrets.js';
import type { Task } from '../../task/task.js';
import type { Dependencies } from '../dependencies.js';

/**
 * Returns the credentials that a run must not publish. Also returns the paths and places where the
 * repository's settings or people allow text that looks like a credential.
 */
export async function secretRules(
  d: Pick<Dependencies, 'db' | 'activeSecrets'>,
  { repository, issue, settings }: Task,
): Promise<SecretRules> {
  return {
    activeSecrets: d.activeSecrets(),
    allowedPaths: settings.secrets.allow,
    allowedPlaces: await readAllowedPlaces(d.db, { repositoryId: repository.id, number: issue.number }),
  };
}
