/** Thrown when the proxy refuses a request. */
export class RefusedError extends Error {
  override name = 'RefusedError';

  constructor(
    /**
     * Reason, for people. Null when the host is not allowed, because the host's name is then explanation
     * enough.
     */
    readonly reason: string | null,
    /** HTTP status of the response. */
    readonly status = 403,
  ) {
    super(reason ?? 'this host is not allowed');
  }
}
