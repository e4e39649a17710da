/** The statuses that `fetch` treats as redirects. */
const redirectStatuses = new Set([301, 302, 303, 307, 308]);

export class UnexpectedRedirect extends Error {
  override name = 'UnexpectedRedirect';
  constructor(status: number) {
    super(`unexpected redirect (${status})`);
  }
}

interface AnyResponse {
  status: number;
  body: { cancel(): Promise<void> } | null;
}

/**
 * Returns the response to a request that was sent with `redirect: 'manual'`. Requests MUST NOT be sent with
 * `redirect: 'error'`. After a garbage collection, such a request can no longer be aborted, so a silent
 * server would block its caller forever (https://github.com/nodejs/undici/issues/4627).
 * @throws UnexpectedRedirect
 */
export function refuseRedirect<R extends AnyResponse>(response: R): R {
  if (!redirectStatuses.has(response.status)) return response;
  // The connection is free for the next request only after the body was read or canceled. If canceling fails,
  // the connection is gone already.
  response.body?.cancel().catch(() => {});
  throw new UnexpectedRedirect(response.status);
}
