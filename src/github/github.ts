import type { Octokit } from '@octokit/rest';
import type { Repository } from '../task/task.js';
import type { GrantGitAccess } from '../workspace/workspace.js';
import { type ClientOptions, createClients } from './clients.js';
import { type Download, downloadAttachment } from './download-attachment.js';
import { explainGitHubError, isRefused } from './explain-github-error.js';
import { createTokens, type Tokens } from './tokens.js';

/** The App's bot account on GitHub. */
export interface Bot {
  /** Login of the bot: `pullwright[bot]`. */
  login: string;
  /** The login without its suffix, by which people mention the bot: `pullwright`. */
  name: string;
  /** Email address of the bot. GitHub uses it to recognize the bot's commits. */
  email: string;
}

/**
 * Every request to GitHub's API goes through this interface. Other modules in this folder define the
 * requests.
 */
export interface GitHub {
  /**
   * Calls `body` with a client. The client's token is valid for one repository and one purpose.
   * @param what completes "GitHub refused a request to ..." in messages, such as `open the pull request`
   * @throws RetryLater for a temporary fault: a rate limit, a fault of GitHub, or no connection
   * @throws RunEndedError for any other fault
   */
  call<T>(
    repository: Repository,
    what: string,
    body: (octokit: Octokit) => Promise<T>,
    purpose?: Purpose,
  ): Promise<T>;
  /** Requests a new token for each call, so that no two calls share a token. */
  grantGitAccess: GrantGitAccess;
  /**
   * Like `call`, but with the App's own token. That token can list the App's installations and webhook
   * deliveries.
   */
  callAsApp<T>(what: string, body: (octokit: Octokit) => Promise<T>): Promise<T>;
  /** Like `call`, but with a token for a whole installation. The token can only read metadata. */
  callInstallation<T>(
    installationId: number,
    what: string,
    body: (octokit: Octokit) => Promise<T>,
  ): Promise<T>;
  /**
   * Downloads an image of the repository's texts, with a token that can only read the repository.
   * @param address an address that `readAttachmentAddress` accepts
   */
  downloadAttachment(repository: Repository, address: string): Promise<Download>;
  /** Lists every token that may still be valid. No output may contain any of them. */
  activeTokens(): string[];
  bot(): Promise<Bot>;
}

/**
 * The permissions of a token, by the purpose of a call. Each combination of repository and purpose has its
 * own token, which is reused for an hour.
 */
const permissionsFor = {
  read: { contents: 'read', issues: 'read', pull_requests: 'read', metadata: 'read' },
  /**
   * For API calls on comments, labels, reactions and pull requests. Many of these calls accept both an issue
   * and a pull request, so the token can write both.
   */
  'write-issues': { contents: 'read', issues: 'write', pull_requests: 'write', metadata: 'read' },
  'write-checks': { checks: 'write', metadata: 'read' },
  'read-checks': { contents: 'read', pull_requests: 'read', checks: 'read', metadata: 'read' },
  /** For logs of GitHub Actions jobs. */
  'read-logs': { actions: 'read', metadata: 'read' },
  /**
   * For changing the draft state and for resolving review threads. GitHub requires write access to contents
   * for both operations.
   */
  'change-pull-request': { contents: 'write', pull_requests: 'write', metadata: 'read' },
} as const;
type Purpose = keyof typeof permissionsFor;

export interface GitHubOptions extends ClientOptions {
  appId: number;
  privateKey: string;
  /** Base URL of GitHub's web pages, such as `https://github.com`. */
  webUrl: string;
  now: () => Date;
}

export function createGitHub(options: GitHubOptions): GitHub {
  const createClient = createClients(options);
  const tokens = createTokens({ ...options, createClient });
  /**
   * Calls `body`. Explains an error of `body` with `explainGitHubError`.
   * @throws the explained error
   */
  const explained = async <T>(what: string, body: () => Promise<T>): Promise<T> => {
    try {
      return await body();
    } catch (error) {
      throw explainGitHubError(error, what, options.now());
    }
  };
  const withToken = createWithToken(tokens);
  let bot: Promise<Bot> | null = null;

  return {
    call: (repository, what, body, purpose = 'read') =>
      explained(what, () => withToken(repository, purpose, (token) => body(createClient(token)))),
    callAsApp: (what, body) => explained(what, async () => body(createClient(await tokens.forApp()))),
    callInstallation: (installationId, what, body) =>
      explained(what, async () => body(createClient(await tokens.forInstallation(installationId)))),
    grantGitAccess: (repository, access) =>
      explained(
        access === 'read' ? 'grant access to clone the repository' : 'grant access to push a branch',
        () => tokens.forRepository(repository, { contents: access, metadata: 'read' }, { refresh: true }),
      ),
    downloadAttachment: (repository, address) =>
      explained('read an image', () =>
        withToken(repository, 'read', (token) => {
          const render = (text: string) => renderMarkdown(createClient(token), repository, text);
          return downloadAttachment(address, { ...options, repository, token, render });
        }),
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

/**
 * Creates a function that calls `body` with a token. If GitHub does not accept the token, the function calls
 * `body` again with a new one.
 */
function createWithToken(tokens: Tokens) {
  return async function withToken<T>(
    repository: Repository,
    purpose: Purpose,
    body: (token: string) => Promise<T>,
  ): Promise<T> {
    const run = async (refresh: boolean) => {
      const { token } = await tokens.forRepository(repository, permissionsFor[purpose], { refresh });
      return body(token);
    };
    try {
      return await run(false);
    } catch (error) {
      if ((error as { status?: number }).status !== 401) throw error;
      // Either the token was revoked, or this machine's clock is wrong. A new token works only if the old one
      // was revoked.
      return run(true);
    }
  };
}

/** @returns null if GitHub refuses the request for good, although it accepts the token */
async function renderMarkdown(
  octokit: Octokit,
  { owner, name }: Repository,
  text: string,
): Promise<string | null> {
  try {
    const context = `${owner}/${name}`;
    return String((await octokit.rest.markdown.render({ text, mode: 'gfm', context })).data);
  } catch (error) {
    if (isRefused(error) && error.status !== 401) return null;
    throw error;
  }
}

async function findBot(octokit: Octokit, webUrl: string): Promise<Bot> {
  const { data: app } = await octokit.rest.apps.getAuthenticated();
  const name = String(app?.slug);
  const login = `${name}[bot]`;
  const domain = `users.noreply.${new URL(webUrl).host}`;
  try {
    const { data: user } = await octokit.rest.users.getByUsername({ username: login });
    return { login, name, email: `${user.id}+${login}@${domain}` };
  } catch (error) {
    if ((error as { status?: number }).status !== 404) throw error;
    // The email address works even without the user's id. GitHub needs the id only to show the bot's avatar
    // next to its commits.
    return { login, name, email: `${login}@${domain}` };
  }
}
