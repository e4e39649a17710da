import { Octokit } from '@octokit/rest';
import type { Log } from '../log.js';
import { refuseRedirect } from '../refuse-redirect.js';
import { guardOutput, type OutgoingRequest } from './guard-output.js';

const requestTimeoutMs = 30_000;

export interface ClientOptions {
  /** Base URL of GitHub's API: `https://api.github.com`, or `.../api/v3` on GitHub Enterprise Server. */
  apiUrl: string;
  log: Log;
  /**
   * Called before every request. Throws if other workers have declared this worker dead, so that nothing is
   * sent.
   */
  beforeRequest: () => Promise<void>;
  /** Returns whether a text contains a credential. Every text is checked before it is sent. */
  holdsSecret: (text: string) => boolean;
}

/** @returns a function that makes a client for a token; the client sends no token if the token is '' */
export function createClients(options: ClientOptions): (token: string) => Octokit {
  return (auth) => {
    const octokit = new Octokit({
      auth,
      baseUrl: options.apiUrl,
      log: quietLog(options.log),
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
}

/**
 * Returns a log for octokit that turns warnings and errors into debug lines. octokit logs every failed
 * response as an error, even an expected 404. The caller decides what an error means.
 */
export function quietLog(log: Log) {
  const debug = log.debug.bind(log);
  return { debug: () => {}, info: () => {}, warn: debug, error: debug };
}

/**
 * Follows a redirect, which GitHub sends for a renamed repository. If `fetch` followed the redirect, it could
 * turn a write into a GET. This function therefore repeats the request with the same method and body.
 * @throws UnexpectedRedirect for any other redirect, which octokit would take for a success
 */
async function followRedirect(url: string, answer: Response, request: RequestInit): Promise<Response> {
  const location = answer.headers.get('location');
  if (![301, 307, 308].includes(answer.status) || !location) return refuseRedirect(answer);
  const target = new URL(location, url);
  // Another host must not get the token.
  if (target.origin !== new URL(url).origin) return refuseRedirect(answer);
  return refuseRedirect(await fetch(target, { ...request, redirect: 'manual' }));
}
