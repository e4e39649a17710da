import type { Command, Execution, Sandbox } from '../../src/sandbox/sandbox.js';

/** Starts a command that reads and writes lines. `next` resolves with the next line that it writes. */
export async function startDialogue(
  sandbox: Sandbox,
  command: Omit<Command, 'dialogue'>,
): Promise<{ send(line: string): void; next(): Promise<string>; execution: Promise<Execution> }> {
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  return new Promise((resolve, reject) => {
    const execution = sandbox.execute({
      ...command,
      dialogue: {
        onLine: (line) => {
          const take = waiting.shift();
          if (take) take(line);
          else lines.push(line);
        },
        onStart: (send) => {
          const next = () =>
            new Promise<string>((take) => {
              const line = lines.shift();
              if (line === undefined) waiting.push(take);
              else take(line);
            });
          // A later microtask, because `execution` is not assigned yet.
          queueMicrotask(() => resolve({ send, next, execution }));
        },
      },
    });
    execution.catch(reject);
  });
}
