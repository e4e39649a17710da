import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import type { Readable } from 'node:stream';
import type { Execution, LimitReached } from '../sandbox.js';

export interface ProcessLimits {
  timeoutMs: number;
  maxOutputBytes: number;
  signal?: AbortSignal | undefined;
  /** Looks after the limits that nobody else holds, while it runs. */
  watch?: Watch;
}

/** @returns ends the looking */
export type Watch = (pid: number, reached: (limit: LimitReached) => void) => () => void;

export interface ProcessInput {
  /** Handed over as descriptors 3, 4, …; the caller closes them. */
  descriptors?: number[];
  stdin?: string | undefined;
  /** All of its environment; a plain PATH when absent. */
  env?: Record<string, string>;
  cwd?: string;
}

/** So long may a pipe stay open whose last writer should be gone: someone took it along into another session. */
const patienceMs = 1000;

/**
 * Runs a program in a process group of its own, and ends the whole group with it. Waits until its pipes close: a child
 * that outlives its parent may still be writing.
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
      stdio: ['pipe', 'pipe', 'pipe', ...(input.descriptors ?? [])],
      env: input.env ?? { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' },
      cwd: input.cwd ?? '/',
      detached: true,
    });
    // MUST be listened to before anything else: without a descriptor left, there are not even streams.
    child.once('error', reject);
    if (child.pid === undefined) return;
    let ended: Execution['ended'] = 'exited';
    let patience: NodeJS.Timeout | undefined;
    const killGroup = () => {
      try {
        if (child.pid) process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        // ESRCH: gone already, and only its pipes are still to be read. EPERM: what is left of it is dying.
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'ESRCH' && code !== 'EPERM') reject(error as Error);
      }
      patience ??= setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, patienceMs);
    };
    const end = (reason: Execution['ended']) => {
      if (ended === 'exited') ended = reason;
      killGroup();
    };
    const stop = () => end('stopped');
    const timer = setTimeout(() => end('timeout'), limits.timeoutMs);
    limits.signal?.addEventListener('abort', stop);
    const endWatch = limits.watch?.(child.pid, end);
    if (limits.signal?.aborted) stop();

    let bytes = 0;
    const output = collectBytes(limits.maxOutputBytes);
    const collect = (stream: Readable) => {
      const own = collectBytes(limits.maxOutputBytes);
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > limits.maxOutputBytes) return end('output-limit');
        own.add(chunk);
        output.add(chunk);
      });
      return own;
    };
    const stdout = collect(child.stdout as Readable);
    const stderr = collect(child.stderr as Readable);
    // A command that does not read its input closes the pipe early: that is its right.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input.stdin ?? '');

    const cleanUp = () => {
      clearTimeout(timer);
      clearTimeout(patience);
      endWatch?.();
      limits.signal?.removeEventListener('abort', stop);
    };
    child.once('exit', () => {
      clearTimeout(timer);
      killGroup();
    });
    child.once('close', (code, signal) => {
      cleanUp();
      resolve({
        exitCode: ended === 'exited' ? (code ?? (signal ? 128 + 9 : null)) : null,
        ended,
        stdout: toText(stdout.take()),
        stderr: toText(stderr.take()),
        output: toText(output.take()),
        durationMs: Math.round(performance.now() - started),
      });
    });
  });
}

const firstBytes = 4096;

/**
 * Bytes in one piece that grows: of a command that writes byte by byte, the objects would take a hundred times as much.
 * @param most that will ever be added
 */
function collectBytes(most: number) {
  let room = Buffer.alloc(0);
  let used = 0;
  return {
    add: (chunk: Buffer) => {
      if (used + chunk.length > room.length) {
        const wanted = Math.max(firstBytes, room.length * 2, used + chunk.length);
        const larger = Buffer.allocUnsafe(Math.min(wanted, most));
        room.copy(larger, 0, 0, used);
        room = larger;
      }
      used += chunk.copy(room, used);
    },
    take: () => room.subarray(0, used),
  };
}

/** Postgres and JSON keep neither NUL nor lone surrogates; bytes that are no UTF-8 become U+FFFD. */
function toText(bytes: Buffer): string {
  // Byte by byte: to replace ten million of them in a string takes seconds.
  for (let at = bytes.indexOf(0); at >= 0 && at < bytes.length; at += 1)
    if (bytes[at] === 0) bytes[at] = 0xff;
  return bytes.toString('utf8');
}
