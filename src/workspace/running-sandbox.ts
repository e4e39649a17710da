import type { Command, Execution, Sandbox } from './sandbox.js';

/** A sandbox whose commands are done by `execute`; `stop` is aborted when it is disposed of. */
export function createRunningSandbox(
  execute: (command: Command, stop: AbortSignal) => Promise<Execution>,
): Sandbox {
  const stopping = new AbortController();
  const running = new Set<Promise<unknown>>();
  return {
    execute: (command) => {
      const stop = command.signal ? AbortSignal.any([command.signal, stopping.signal]) : stopping.signal;
      const execution = execute(command, stop);
      running.add(execution);
      const over = () => running.delete(execution);
      execution.then(over, over);
      return execution;
    },
    dispose: async () => {
      stopping.abort();
      await Promise.allSettled(running);
    },
  };
}
