import { type ChildProcess, spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import type { Execution, LimitReached } from '../sandbox-types.js';
import { collectOutput } from './collect-output.js';

export interface ProcessLimits {
  timeoutMs: number;
  /** stdout and stderr together. */
  maxOutputBytes: number;
  /** Aborting it kills the process. */
  signal?: AbortSignal;
  /** Enforce limits that the kernel does not. */
  monitors?: readonly Monitor[];
}

/**
 * Watches a running process, and reports a limit that it exceeds.
 * @returns stops the monitor
 */
export type Monitor = (pid: number, onLimit: (limit: LimitReached) => void) => () => void;

export interface ProcessInput {
  /** Become the descriptors 3, 4, …; the caller closes them. */
  descriptors?: number[];
  stdin?: string | undefined;
  /** The whole environment. Default: only PATH. */
  env?: Record<string, string>;
  /** Default: `/`. */
  cwd?: string;
}

export type ProcessResult = Omit<Execution, 'refusedHosts'>;

/** How long pipes may stay open after the kill. A process that escaped the group may hold them. */
const pipeGraceMs = 1000;

/**
 * Runs a program in a process group of its own, and kills the whole group when the program ends or exceeds a
 * limit. Waits until the pipes close, because a child that outlives its parent may still be writing.
 * @throws Error when the program cannot be started
 */
export function runProcess(
  argv: string[],
  input: ProcessInput,
  limits: ProcessLimits,
): Promise<ProcessResult> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = start(argv, input);
    // MUST come before anything else: when no descriptor is left, the child does not even have streams.
    child.once('error', reject);
    if (child.pid === undefined) return;
    let ended: Execution['ended'] = 'exited';
    const group = createGroup(child, reject);
    const end = (reason: Execution['ended']) => {
      if (ended === 'exited') ended = reason;
      group.kill();
    };
    const enforcement = enforce(limits, child.pid, end);
    const takeOutput = collectOutput(child, limits.maxOutputBytes, () => end('output-limit'));
    // A command that does not read its input closes the pipe early, which is fine.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input.stdin ?? '');
    child.once('exit', () => {
      enforcement.stopTimer();
      group.kill();
    });
    child.once('close', (code, signal) => {
      enforcement.stop();
      group.forget();
      resolve({
        exitCode: ended === 'exited' ? (code ?? (signal ? 128 + 9 : null)) : null,
        ended,
        ...takeOutput(),
        durationMs: Math.round(performance.now() - startedAt),
      });
    });
  });
}

function start(argv: string[], { descriptors = [], env, cwd }: ProcessInput): ChildProcess {
  const [program = '', ...args] = argv;
  return spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe', ...descriptors],
    env: env ?? { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' },
    cwd: cwd ?? '/',
    detached: true,
  });
}

/** The process group of a child. */
function createGroup(child: ChildProcess, onError: (error: Error) => void) {
  let grace: NodeJS.Timeout | undefined;
  return {
    kill: () => {
      try {
        if (child.pid) process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        // ESRCH: the group is gone, and only its pipes are left to read. EPERM: the rest of it is dying.
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'ESRCH' && code !== 'EPERM') onError(error as Error);
      }
      grace ??= setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, pipeGraceMs);
    },
    forget: () => clearTimeout(grace),
  };
}

/** Calls `end` when the process exceeds a limit or is aborted. */
function enforce(limits: ProcessLimits, pid: number, end: (reason: Execution['ended']) => void) {
  const abort = () => end('stopped');
  const timer = setTimeout(() => end('timeout'), limits.timeoutMs);
  limits.signal?.addEventListener('abort', abort);
  const stopMonitors = (limits.monitors ?? []).map((monitor) => monitor(pid, end));
  if (limits.signal?.aborted) abort();
  return {
    stopTimer: () => clearTimeout(timer),
    stop: () => {
      clearTimeout(timer);
      limits.signal?.removeEventListener('abort', abort);
      for (const stopMonitor of stopMonitors) stopMonitor();
    },
  };
}
