import type { Octokit } from '@octokit/rest';
import type { Repository } from '../task/task.js';
import type { GrantGitAccess } from '../workspace/workspace.js';
import { type ClientOptions, createClients } from './clients.js';
import { explainGitHubError } from './explain-github-error.js';
import { createTokens } from './tokens.js';

/** The bot as GitHub knows it. */
export interface Bot {
  /** `pullwright[bot]`. */
  login: string;
  /** The address that GitHub shows the bot's commits under. */
  email: string;
}

/**
 * All requests to GitHub's API go through this interface. The other modules in this folder define the
 * requests.
 */
export interface GitHub {
  /**
   * Gives `body` a client whose token is valid for one repository and one purpose.
   * @param what completes "GitHub refused to ..." in messages: `open the pull request`
   * @throws RetryLater for a temporary fault (rate limit, fault of GitHub, no connection), RunEndedError for
   * any other
   */
  call<T>(
    repository: Repository,
    what: string,
    body: (octokit: Octokit) => Promise<T>,
    purpose?: Purpose,
  ): Promise<T>;
  /** Mints a fresh token each time, and never keeps it. */
  grantGitAccess: GrantGitAccess;
  /** Like `call`, as the App itself: its installations, its deliveries. */
  callAsApp<T>(what: string, body: (octokit: Octokit) => Promise<T>): Promise<T>;
  /** Like `call`, for an installation as a whole; the token can only read metadata. */
  callInstallation<T>(
    installationId: number,
    what: string,
    body: (octokit: Octokit) => Promise<T>,
  ): Promise<T>;
  /** Every token that may still be valid: none may appear in any output. */
  activeTokens(): string[];
  bot(): Promise<Bot>;
}

/** The permissions of a call's token, by purpose. A token is kept for an hour per repository and purpose. */
const permissionsFor = {
  read: { contents: 'read', issues: 'read', pull_requests: 'read', metadata: 'read' },
  /** Comments, labels, reactions, pull requests: GitHub treats an issue and a pull request alike here. */
  'write-issues': { contents: 'read', issues: 'write', pull_requests: 'write', metadata: 'read' },
  'write-checks': { checks: 'write', metadata: 'read' },
  'read-checks': { contents: 'read', pull_requests: 'read', checks: 'read', metadata: 'read' },
  /** Logs of GitHub Actions' jobs. */
  'read-logs': { actions: 'read', metadata: 'read' },
  /** Draft state and resolved threads: GitHub asks for write access to contents. */
  'change-pull-request': { contents: 'write', pull_requests: 'write', metadata: 'read' },
} as const;
type Purpose = keyof typeof permissionsFor;

export interface GitHubOptions extends ClientOptions {
  appId: number;
  privateKey: string;
  /** Where people find repositories: `https://github.com`. */
  webUrl: string;
  now: () => Date;
}

export function createGitHub(options: GitHubOptions): GitHub {
  const createClient = createClients(options);
  const tokens = createTokens({ ...options, createClient });
  /** @throws what `explainGitHubError` makes of an error */
  const explained = async <T>(what: string, body: () => Promise<T>): Promise<T> => {
    try {
      return await body();
    } catch (error) {
      throw explainGitHubError(error, what, options.now());
    }
  };
  let bot: Promise<Bot> | null = null;

  return {
    call: (repository, what, body, purpose = 'read') =>
      explained(what, async () => {
        const run = async (refresh: boolean) => {
          const { token } = await tokens.forRepository(repository, permissionsFor[purpose], { refresh });
          return body(createClient(token));
        };
        try {
          return await run(false);
        } catch (error) {
          if ((error as { status?: number }).status !== 401) throw error;
          // The token was revoked, or this machine's clock is wrong. A fresh token shows which.
          return run(true);
        }
      }),
    callAsApp: (what, body) => explained(what, async () => body(createClient(await tokens.forApp()))),
    callInstallation: (installationId, what, body) =>
      explained(what, async () => body(createClient(await tokens.forInstallation(installationId)))),
    grantGitAccess: (repository, access) =>
      explained(
        access === 'read' ? 'grant access to clone the repository' : 'grant access to push a branch',
        () => tokens.forRepository(repository, { contents: access, metadata: 'read' }, { refresh: true }),
      ),
    activeTokens: tokens.active,
    bot: () => {
      bot ??= explained('identify the App', async () =>
        findBot(createClient(await tokens.forApp()), options.webUrl),
      ).catch((error) => {
        bot = null;
        throw error;
      });
      return bot;
    },
  };
}

async function findBot(octokit: Octokit, webUrl: string): Promise<Bot> {
  const { data: app } = await octokit.rest.apps.getAuthenticated();
  const login = `${app?.slug}[bot]`;
  const domain = `users.noreply.${new URL(webUrl).host}`;
  try {
    const { data: user } = await octokit.rest.users.getByUsername({ username: login });
    return { login, email: `${user.id}+${login}@${domain}` };
  } catch (error) {
    if ((error as { status?: number }).status !== 404) throw error;
    // The id only decides which avatar GitHub shows beside the commits.
    return { login, email: `${login}@${domain}` };
  }
}
