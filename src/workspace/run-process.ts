import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import type { Readable } from 'node:stream';
import type { Execution } from './sandbox.js';

export interface ProcessLimits {
  timeoutMs: number;
  maxOutputBytes: number;
  signal?: AbortSignal | undefined;
}

export interface ProcessInput {
  /** Handed over as descriptors 3, 4, …; the caller closes them. */
  descriptors: number[];
  stdin?: string | undefined;
}

/**
 * Runs a program in a process group of its own and waits until its pipes close: a child that outlives its parent may
 * still be writing. Its environment is empty but for PATH.
 * @throws Error when it cannot be started
 */
export function runProcess(
  argv: string[],
  input: ProcessInput,
  limits: ProcessLimits,
): Promise<Omit<Execution, 'refusedHosts'>> {
  return new Promise((resolve, reject) => {
    const [program = '', ...rest] = argv;
    const started = performance.now();
    const child = spawn(program, rest, {
      stdio: ['pipe', 'pipe', 'pipe', ...input.descriptors],
      env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' },
      cwd: '/',
      detached: true,
    });
    let ended: Execution['ended'] = 'exited';
    const end = (because: Execution['ended']) => {
      if (ended === 'exited') ended = because;
      try {
        if (child.pid) process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        // ESRCH: gone already, and only its pipes are still to be read.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') reject(error as Error);
      }
    };
    const stop = () => end('stopped');
    const timer = setTimeout(() => end('timeout'), limits.timeoutMs);
    limits.signal?.addEventListener('abort', stop);
    if (limits.signal?.aborted) stop();

    const order: Buffer[] = [];
    let bytes = 0;
    const collect = (stream: Readable): Buffer[] => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > limits.maxOutputBytes) return end('output-limit');
        chunks.push(chunk);
        order.push(chunk);
      });
      return chunks;
    };
    const stdout = collect(child.stdout as Readable);
    const stderr = collect(child.stderr as Readable);
    // A command that does not read its input closes the pipe early: that is its right.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input.stdin ?? '');

    const cleanUp = () => {
      clearTimeout(timer);
      limits.signal?.removeEventListener('abort', stop);
    };
    child.once('error', (error) => {
      cleanUp();
      reject(error);
    });
    child.once('close', (code, signal) => {
      cleanUp();
      resolve({
        exitCode: ended === 'exited' ? (code ?? (signal ? 128 + 9 : null)) : null,
        ended,
        stdout: toText(stdout),
        stderr: toText(stderr),
        output: toText(order),
        durationMs: Math.round(performance.now() - started),
      });
    });
  });
}

/** Postgres and JSON keep neither NUL nor lone surrogates; bytes that are no UTF-8 become U+FFFD. */
function toText(chunks: Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8').replaceAll('\0', '\uFFFD');
}
