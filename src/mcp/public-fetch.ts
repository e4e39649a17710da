import net from 'node:net';
import type { FetchLike } from '@modelcontextprotocol/client';
import { Agent, type RequestInit as UndiciInit, fetch as undiciFetch } from 'undici';
import { refuseRedirect } from '../refuse-redirect.js';
import { createPublicLookup, isPublicAddress } from '../sandbox/sandbox.js';

/** Maximum size of one response, in bytes. */
const maxResponseBytes = 8 * 1024 * 1024;

/**
 * Creates a `fetch` for the requests to one server. It follows no redirects, because a redirect could send
 * the operator's credentials to another host.
 * @param mayBePrivate false refuses all addresses that are not public; the check and the connection use the
 * same DNS answer
 * @returns `close`: ends all connections
 */
export function createFetch(mayBePrivate: boolean): { fetch: FetchLike; close(): Promise<void> } {
  const agent = new Agent({
    maxResponseSize: maxResponseBytes,
    ...(!mayBePrivate && { connect: { lookup: createPublicLookup(refusal) } }),
  });
  return {
    fetch: async (url, init) => {
      const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
      // For an address, no lookup takes place.
      if (!mayBePrivate && net.isIP(host) && !isPublicAddress(host)) throw refusal(host);
      const options = { ...init, redirect: 'manual', dispatcher: agent } as UndiciInit;
      return refuseRedirect(await undiciFetch(url, options)) as unknown as Response;
    },
    close: () => agent.destroy(),
  };
}

function refusal(host: string): Error {
  return new Error(`${host} has a private address, which \`private: true\` would allow`);
}
