/**
 * Something outside (the model, GitHub, git's remote) cannot be had just now. Thrown by the seams, caught by the
 * durable step wrapper only, which waits in Postgres, not in the process, and then runs the step again.
 */
export class RetryLater extends Error {
  constructor(
    /** What is being waited for, in words for people: `the model is overloaded (529)`. */
    readonly reason: string,
    /** Milliseconds that the other side asked for; null: our own back-off decides. */
    readonly afterMs: number | null = null,
  ) {
    super(reason);
    this.name = 'RetryLater';
  }
}
