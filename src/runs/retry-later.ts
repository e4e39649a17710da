/**
 * Something outside of this process (the model, GitHub, the git remote, the database) is unavailable for now.
 * Only the durable step catches it: it waits in Postgres, not in the process, and then runs the step again.
 */
export class RetryLater extends Error {
  constructor(
    /** Why the run waits, in words for people: `the model is overloaded (529)`. */
    readonly reason: string,
    /** The number of milliseconds that the server asked us to wait; null: our own back-off decides. */
    readonly afterMs: number | null = null,
  ) {
    super(reason);
    this.name = 'RetryLater';
  }
}

/**
 * Checks the name, because an error that comes back from Postgres has its fields but not always its class.
 */
export function isRetryLater(error: unknown): error is RetryLater {
  return error instanceof Error && error.name === 'RetryLater';
}
