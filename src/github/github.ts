import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import type { Log } from '../log.js';
import type { Repository } from '../task/task.js';
import type { GrantGitAccess } from '../workspace/workspace.js';
import { explainGitHubError } from './explain-error.js';
import { guardOutput, type OutgoingRequest } from './guard-output.js';

/** The bot as GitHub knows it. */
export interface Bot {
  /** `pullwright[bot]`. */
  login: string;
  /** The address that GitHub shows the bot's commits under. */
  email: string;
}

/** The one way to GitHub's API. */
export interface GitHub {
  /**
   * Lets `body` speak with the API about one repository, with a token that is good for this one and for `purpose` only.
   * @param what is being done, in words, for messages: `open the pull request`
   * @throws RetryLater for what passes (limits, faults of GitHub, no connection), RunEnded for what does not
   */
  call<T>(
    repository: Repository,
    what: string,
    body: (octokit: Octokit) => Promise<T>,
    purpose?: Purpose,
  ): Promise<T>;
  /** Mints a fresh token each time, which is never kept. */
  grantGitAccess: GrantGitAccess;
  /** As `call`, as the App itself: its installations, its deliveries. */
  callAsApp<T>(what: string, body: (octokit: Octokit) => Promise<T>): Promise<T>;
  /** As `call`, for what an installation as a whole is asked; the token can read metadata, and nothing else. */
  callInstallation<T>(
    installationId: number,
    what: string,
    body: (octokit: Octokit) => Promise<T>,
  ): Promise<T>;
  /** Every token that may still be valid: what must not leave. */
  liveTokens(): string[];
  bot(): Promise<Bot>;
}

/** What a call is for, and the most that its token may do. A token is kept for an hour, for each repository and purpose. */
const permissionsFor = {
  read: { contents: 'read', issues: 'read', pull_requests: 'read', metadata: 'read' },
  /** Comments, labels, reactions, pull requests: an issue's comment and a pull request's are the same requests to GitHub. */
  talk: { contents: 'read', issues: 'write', pull_requests: 'write', metadata: 'read' },
  checks: { checks: 'write', metadata: 'read' },
  /** What the repository's own checks found. */
  findings: { contents: 'read', pull_requests: 'read', checks: 'read', metadata: 'read' },
  /** Of the jobs of GitHub Actions. */
  logs: { actions: 'read', metadata: 'read' },
  /** Drafts and resolved threads, which GitHub holds to be a change of contents. */
  drafts: { contents: 'write', pull_requests: 'write', metadata: 'read' },
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
  /** May refuse, by throwing. */
  beforeRequest: () => Promise<void>;
  /** Whether a credential can be read out of a text that is about to be sent. */
  holdsSecret: (text: string) => Promise<boolean>;
}): GitHub {
  const { log, now } = options;
  const quiet = { debug: () => {}, info: () => {}, warn: log.warn.bind(log), error: log.error.bind(log) };
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
          return followWriting(url, await fetch(url, { ...request, redirect: 'manual' }), request);
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
    // GitHub names the repository of the id: a rename is followed.
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
      // Only the picture beside its commits hangs on that number.
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
      // A token that was good a moment ago: taken back, or this machine's clock is wrong. A new one decides.
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
          access === 'read' ? 'let the repository be cloned' : 'let a branch be pushed',
          now(),
        );
      }
    },
    liveTokens: () => {
      for (const [token, at] of minted) if (now().getTime() - at > tokenLifeMs) minted.delete(token);
      return [...minted.keys()];
    },
    bot: () => {
      bot ??= findBot().catch((error) => {
        bot = null;
        throw explainGitHubError(error, 'say which App this is', now());
      });
      return bot;
    },
  };
}

/**
 * A renamed repository's address answers with a redirect. What writes has to be sent there as it was: by itself, fetch
 * makes a reading request of it.
 */
async function followWriting(url: string, answer: Response, request: RequestInit): Promise<Response> {
  const location = answer.headers.get('location');
  if (![301, 307, 308].includes(answer.status) || !location) return answer;
  const target = new URL(location, url);
  // The token goes nowhere else.
  return target.origin === new URL(url).origin ? fetch(target, { ...request, redirect: 'error' }) : answer;
}
