import { refuseRedirect, UnexpectedRedirect } from '../../refuse-redirect.js';
import { causesOf } from './credential-faults.js';

/**
 * Wraps `fetch` so that a redirect is an error. `fetch` would follow it, also to another host, with the
 * prompt and with all headers except `Authorization`. Many credentials are in other headers.
 */
export function refuseRedirects(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (url, init) => refuseRedirect(await fetch(url, { ...init, redirect: 'manual' }));
}

/** Returns whether a request failed because its answer was a redirect. */
export function isRedirect(error: unknown): boolean {
  return causesOf(error).some((cause) => cause instanceof UnexpectedRedirect);
}
