import { Octokit } from '@octokit/rest';
import type { Log } from '../log.js';
import { guardOutput, type OutgoingRequest } from './guard-output.js';

const requestTimeoutMs = 30_000;

export interface ClientOptions {
  /** `https://api.github.com`, or a GitHub Enterprise Server's `.../api/v3`. */
  apiUrl: string;
  log: Log;
  /** Throws to refuse every request: this worker has lost its lease. */
  beforeRequest: () => Promise<void>;
  /** Whether a text that is about to be sent contains a credential. */
  holdsSecret: (text: string) => boolean;
}

/** @returns makes a client for a token; '' makes one that sends no token */
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
 * octokit logs every failed response as an error, including an expected 404. The caller that gets the error
 * decides what it means.
 */
export function quietLog(log: Log) {
  const debug = log.debug.bind(log);
  return { debug: () => {}, info: () => {}, warn: debug, error: debug };
}

/**
 * A renamed repository answers with a redirect. `fetch` would turn a write into a GET, so the request is
 * repeated as it was.
 */
async function followRedirect(url: string, answer: Response, request: RequestInit): Promise<Response> {
  const location = answer.headers.get('location');
  if (![301, 307, 308].includes(answer.status) || !location) return answer;
  const target = new URL(location, url);
  // The token must not reach another host.
  return target.origin === new URL(url).origin ? fetch(target, { ...request, redirect: 'error' }) : answer;
}
