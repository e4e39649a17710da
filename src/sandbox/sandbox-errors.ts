/** This machine cannot run sandboxes. The message names the cause and the remedy. */
export class SandboxUnavailableError extends Error {
  override name = 'SandboxUnavailableError';
}

/** The machine has no room for another process at the moment. Nothing of the command has run. */
export class SandboxBusyError extends Error {
  override name = 'SandboxBusyError';

  constructor(
    /** The cause, for people. */
    readonly reason: string,
    /** Milliseconds after which another attempt makes sense. */
    readonly retryAfterMs: number,
  ) {
    super(reason);
  }
}
