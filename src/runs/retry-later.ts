/**
 * Thrown if something outside of this process is unavailable for now: the model, GitHub, the git remote or
 * the database. Only the engine catches this error. The engine stores the wait in Postgres, waits, and runs
 * the step again.
 */
export class RetryLater extends Error {
  constructor(
    /** A human-readable reason for the wait, for example `the model is overloaded (529)`. */
    readonly reason: string,
    /**
     * The number of milliseconds that the server asked us to wait. If null, the engine's back-off applies.
     */
    readonly afterMs: number | null = null,
    /** Whether the run waits as long as it takes. Other waits end after a day, and the run fails. */
    readonly isUnlimited = false,
  ) {
    super(reason);
    this.name = 'RetryLater';
  }
}

/**
 * Checks the name instead of the class, because an error that DBOS restores from Postgres can lose its class.
 */
export function isRetryLater(error: unknown): error is RetryLater {
  return error instanceof Error && error.name === 'RetryLater';
}
