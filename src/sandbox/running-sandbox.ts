import type { Command, Execution, Sandbox } from './sandbox.js';

/** A sandbox whose commands are done by `execute`; `stop` is aborted when it is disposed of. */
export function createRunningSandbox(
  execute: (command: Command, stop: AbortSignal) => Promise<Execution>,
): Sandbox {
  const stopping = new AbortController();
  const running = new Set<Promise<unknown>>();
  return {
    execute: async (command) => {
      if (holdsNul(command)) return refuse('a command cannot have NUL in it');
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

/** What no kernel hands to a program. */
function holdsNul({ script, args = [], cwd = '', env = {} }: Command): boolean {
  return [script, ...args, cwd, ...Object.values(env)].some((text) => text.includes('\0'));
}

/** 126 is bash's own for what cannot be executed. */
function refuse(reason: string): Execution {
  const text = `${reason}\n`;
  return {
    exitCode: 126,
    ended: 'exited',
    stdout: '',
    stderr: text,
    output: text,
    durationMs: 0,
    refusedHosts: [],
  };
}
