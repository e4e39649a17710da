/** Thrown when this machine cannot run sandboxes. The message names the cause and the remedy. */
export class SandboxUnavailableError extends Error {
  override name = 'SandboxUnavailableError';
}

/** Thrown when the machine has no room for another process at the moment. The command has not started. */
export class SandboxBusyError extends Error {
  override name = 'SandboxBusyError';

  constructor(
    /** Human-readable cause of the error. */
    readonly reason: string,
    /** Milliseconds to wait before another attempt. */
    readonly retryAfterMs: number,
  ) {
    super(reason);
  }
}
