import type { Sandboxes } from './sandbox.js';

export interface Interruption {
  /** Kills the commands that are running; those that come later run. */
  interrupt(): void;
  /** The same sandboxes, whose commands can be interrupted. */
  sandboxes: Sandboxes;
}

export function makeInterruptible(sandboxes: Sandboxes): Interruption {
  let current = new AbortController();
  return {
    interrupt: () => {
      current.abort();
      current = new AbortController();
    },
    sandboxes: {
      ...sandboxes,
      open: (...given) => {
        const sandbox = sandboxes.open(...given);
        return {
          dispose: () => sandbox.dispose(),
          execute: (command) => {
            const signal = command.signal
              ? AbortSignal.any([command.signal, current.signal])
              : current.signal;
            return sandbox.execute({ ...command, signal });
          },
        };
      },
    },
  };
}
