import type { Sandboxes } from './sandbox-types.js';

export interface AbortableSandboxes {
  /** Kills all commands that are running in these sandboxes. Commands that start later are not affected. */
  abort(): void;
  sandboxes: Sandboxes;
}

/** Wraps sandboxes. One call of `abort` then kills all of their running commands. */
export function makeAbortable(sandboxes: Sandboxes): AbortableSandboxes {
  let current = new AbortController();
  return {
    abort: () => {
      current.abort();
      current = new AbortController();
    },
    sandboxes: {
      ...sandboxes,
      open: (mounts, layers) => {
        const sandbox = sandboxes.open(mounts, layers);
        return {
          dispose: () => sandbox.dispose(),
          execute: (command) => {
            const { signal } = current;
            return sandbox.execute({
              ...command,
              signal: command.signal ? AbortSignal.any([command.signal, signal]) : signal,
            });
          },
        };
      },
    },
  };
}
