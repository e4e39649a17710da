import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

const root = path.join(import.meta.dirname, '..', '..');

export interface App {
  port: number;
  /** Where deliveries go. */
  webhookUrl: string;
  /** Everything that it printed so far, line by line. */
  log: string[];
  process: ChildProcess;
  /** Resolves with the exit code. */
  exited: Promise<number | null>;
  /** SIGTERM, and resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/**
 * Starts the built program as an operator would, with nothing but the given environment. Resolves when it is ready.
 * @param program the folder that it was built into
 * @param killed ends it by SIGKILL, also while it starts
 */
export async function startApp(
  environment: Record<string, string>,
  role: 'start' | 'web' | 'worker' = 'start',
  program = path.join(root, 'dist'),
  killed?: AbortSignal,
): Promise<App> {
  const child = spawn(process.execPath, [path.join(program, 'cli.js'), role], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', HOST: '127.0.0.1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  killed?.addEventListener('abort', () => child.kill('SIGKILL'));
  const log: string[] = [];
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const port = await new Promise<number>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        log.push(line);
        // A worker listens on no port.
        if (line.includes('"msg":"pullwright is ready"'))
          resolve(Number(/"port":(\d+)/.exec(line)?.[1] ?? 0));
      });
    void exited.then((code) => reject(new Error(`the app ended with exit code ${code}:\n${log.join('\n')}`)));
  });
  return {
    port,
    webhookUrl: `http://127.0.0.1:${port}/api/github/webhooks`,
    log,
    process: child,
    exited,
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
