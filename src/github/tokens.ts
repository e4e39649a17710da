import { createAppAuth } from '@octokit/auth-app';
import type { Octokit } from '@octokit/rest';
import type { Log } from '../log.js';
import type { Repository } from '../task/task.js';
import { quietLog } from './clients.js';

const tokenLifeMs = 3_600_000;

/**
 * Provides tokens of the App. If `refresh` is true, a new token is requested even if an earlier one is still
 * valid.
 */
export interface Tokens {
  /** Returns the App's own token, which is for requests to `/app`. */
  forApp(): Promise<string>;
  /** Returns a token that can only read the installation's metadata. */
  forInstallation(installationId: number): Promise<string>;
  /** Returns a token for one repository, and the repository's current name. */
  forRepository(
    repository: Repository,
    permissions: Record<string, string>,
    options: { refresh: boolean },
  ): Promise<{ token: string; name: string }>;
  /** Lists every token that may still be valid. */
  active(): string[];
}

export function createTokens(options: {
  appId: number;
  privateKey: string;
  createClient: (token: string) => Octokit;
  log: Log;
  now: () => Date;
}): Tokens {
  const { now } = options;
  const auth = createAppAuth({
    appId: options.appId,
    privateKey: options.privateKey,
    request: options.createClient('').request.defaults({ headers: { authorization: '' } }),
    log: quietLog(options.log),
  });
  const minted = new Map<string, number>();
  return {
    forApp: async () => (await auth({ type: 'app' })).token,
    forInstallation: async (installationId) => {
      const permissions = { metadata: 'read' };
      const { token } = await auth({ type: 'installation', installationId, permissions });
      minted.set(token, now().getTime());
      return token;
    },
    forRepository: async (repository, permissions, { refresh }) => {
      const { token, repositoryNames } = await auth({
        type: 'installation',
        installationId: repository.installationId,
        repositoryIds: [repository.id],
        permissions,
        refresh,
      });
      minted.set(token, now().getTime());
      // We identify the repository by its id, so GitHub returns its current name, even after a rename.
      return { token, name: repositoryNames?.[0] ?? repository.name };
    },
    active: () => {
      for (const [token, at] of minted) if (now().getTime() - at > tokenLifeMs) minted.delete(token);
      return [...minted.keys()];
    },
  };
}
