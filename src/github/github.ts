import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import type { Log } from '../log.js';
import type { Repository } from '../task/task.js';
import type { GrantGitAccess } from '../workspace/workspace.js';
import { explainGitHubError } from './explain-github-error.js';
import { guardOutput, type OutgoingRequest } from './guard-output.js';

/** The bot as GitHub knows it. */
export interface Bot {
  /** `pullwright[bot]`. */
  login: string;
  /** The address that GitHub shows the bot's commits under. */
  email: string;
}

/** The only way to GitHub's API. The modules beside this file name what is asked of it. */
export interface GitHub {
  /**
   * Gives `body` a client whose token is valid for one repository and one purpose.
   * @param what completes "GitHub refused to ..." in messages: `open the pull request`
   * @throws RetryLater for what passes (rate limits, GitHub's faults, no connection), RunEndedError for what does not
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

const requestTimeoutMs = 30_000;
const tokenLifeMs = 3_600_000;

export function createGitHub(options: {
  appId: number;
  privateKey: string;
  apiUrl: string;
  webUrl: string;
  log: Log;
  now: () => Date;
  /** Throws to refuse every request: this worker has lost its lease. */
  beforeRequest: () => Promise<void>;
  /** Whether a text that is about to be sent holds a credential. */
  holdsSecret: (text: string) => Promise<boolean>;
}): GitHub {
  const { log, now } = options;
  // octokit logs every failed response as an error, an expected 404 too. Whoever gets the error decides what it means.
  const debug = log.debug.bind(log);
  const quiet = { debug: () => {}, info: () => {}, warn: debug, error: debug };
  const createClient = (auth: string) => {
    const octokit = new Octokit({
      auth,
      baseUrl: options.apiUrl,
      log: quiet,
      request: {
        fetch: async (url: string, init: RequestInit) => {
          await options.beforeRequest();
          const request = { ...init, signal: AbortSignal.timeout(requestTimeoutMs) };
          if (init.method === 'GET') return fetch(url, request);
          return followRedirect(url, await fetch(url, { ...request, redirect: 'manual' }), request);
        },
      },
    });
    octokit.hook.before('request', (request) =>
      guardOutput(request as unknown as OutgoingRequest, options.holdsSecret),
    );
    return octokit;
  };
  const appAuth = createAppAuth({
    appId: options.appId,
    privateKey: options.privateKey,
    request: createClient('').request.defaults({ headers: { authorization: '' } }),
    log: quiet,
  });
  const minted = new Map<string, number>();
  let bot: Promise<Bot> | null = null;

  const mint = async (repository: Repository, permissions: Record<string, string>, refresh: boolean) => {
    const { token, repositoryNames } = await appAuth({
      type: 'installation',
      installationId: repository.installationId,
      repositoryIds: [repository.id],
      permissions,
      refresh,
    });
    minted.set(token, now().getTime());
    // GitHub names the repository by its id, so a rename is followed.
    return { token, name: repositoryNames?.[0] ?? repository.name };
  };

  const findBot = async (): Promise<Bot> => {
    const { token } = await appAuth({ type: 'app' });
    const octokit = createClient(token);
    const { data: app } = await octokit.rest.apps.getAuthenticated();
    const login = `${app?.slug}[bot]`;
    const domain = `users.noreply.${new URL(options.webUrl).host}`;
    try {
      const { data: user } = await octokit.rest.users.getByUsername({ username: login });
      return { login, email: `${user.id}+${login}@${domain}` };
    } catch (error) {
      if ((error as { status?: number }).status !== 404) throw error;
      // The id only decides which avatar GitHub shows beside the commits.
      return { login, email: `${login}@${domain}` };
    }
  };

  return {
    call: async (repository, what, body, purpose = 'read') => {
      const permissions = permissionsFor[purpose];
      try {
        return await body(createClient((await mint(repository, permissions, false)).token));
      } catch (error) {
        if ((error as { status?: number }).status !== 401) throw explainGitHubError(error, what, now());
      }
      // The token was revoked, or this machine's clock is wrong. A fresh token decides.
      try {
        return await body(createClient((await mint(repository, permissions, true)).token));
      } catch (error) {
        throw explainGitHubError(error, what, now());
      }
    },
    callAsApp: async (what, body) => {
      try {
        const { token } = await appAuth({ type: 'app' });
        return await body(createClient(token));
      } catch (error) {
        throw explainGitHubError(error, what, now());
      }
    },
    callInstallation: async (installationId, what, body) => {
      try {
        const permissions = { metadata: 'read' };
        const { token } = await appAuth({ type: 'installation', installationId, permissions });
        minted.set(token, now().getTime());
        return await body(createClient(token));
      } catch (error) {
        throw explainGitHubError(error, what, now());
      }
    },
    grantGitAccess: async (repository, access) => {
      try {
        return await mint(repository, { contents: access, metadata: 'read' }, true);
      } catch (error) {
        throw explainGitHubError(
          error,
          access === 'read' ? 'grant access to clone the repository' : 'grant access to push a branch',
          now(),
        );
      }
    },
    activeTokens: () => {
      for (const [token, at] of minted) if (now().getTime() - at > tokenLifeMs) minted.delete(token);
      return [...minted.keys()];
    },
    bot: () => {
      bot ??= findBot().catch((error) => {
        bot = null;
        throw explainGitHubError(error, 'identify the App', now());
      });
      return bot;
    },
  };
}

/**
 * A renamed repository answers with a redirect. `fetch` would turn a write into a GET, so the request is repeated as it
 * was.
 */
async function followRedirect(url: string, answer: Response, request: RequestInit): Promise<Response> {
  const location = answer.headers.get('location');
  if (![301, 307, 308].includes(answer.status) || !location) return answer;
  const target = new URL(location, url);
  // The token must not reach another host.
  return target.origin === new URL(url).origin ? fetch(target, { ...request, redirect: 'error' }) : answer;
}
