/** Thrown when the proxy refuses a request. */
export class RefusedError extends Error {
  override name = 'RefusedError';

  constructor(
    /**
     * Human-readable reason. Null if the host is not on the allowed list, because the host's name is then a
     * sufficient explanation.
     */
    readonly reason: string | null,
    /** HTTP status of the response. */
    readonly status = 403,
  ) {
    super(reason ?? 'this host is not allowed');
  }
}
