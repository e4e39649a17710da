import { readAllowedPlaces } from '../../database/allowed-secrets.js';
import type { SecretRules } from '../../evidence/scan/scan-secrets.js';
import type { Task } from '../../task/task.js';
import type { Dependencies } from '../dependencies.js';

/** The secrets that a run must not publish, and the look-alikes that its repository and its people allow. */
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
