/** The proxy refuses a request. */
export class RefusedError extends Error {
  override name = 'RefusedError';

  constructor(
    /** Null: the host is not allowed, which its name says well enough. */
    readonly reason: string | null,
    /** HTTP status of the answer. */
    readonly status = 403,
  ) {
    super(reason ?? 'this host is not allowed');
  }
}
