import { RetryLater } from '../runs/retry-later.js';
import { SandboxBusyError, type Sandboxes } from '../sandbox/sandbox.js';

/** Converts SandboxBusyError to RetryLater, so that the engine waits and then runs the step again. */
export function retryWhenBusy(sandboxes: Sandboxes): Sandboxes {
  return {
    ...sandboxes,
    open: (mounts, layers) => {
      const sandbox = sandboxes.open(mounts, layers);
      return {
        dispose: () => sandbox.dispose(),
        execute: async (command) => {
          try {
            return await sandbox.execute(command);
          } catch (error) {
            if (error instanceof SandboxBusyError) throw new RetryLater(error.reason, error.retryAfterMs);
            throw error;
          }
        },
      };
    },
  };
}
