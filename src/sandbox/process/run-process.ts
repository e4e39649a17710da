import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { Dialogue, Execution, LimitReached } from '../sandbox-types.js';
import { collectOutput, type Output } from './collect-output.js';
import { describeStandstill } from './describe-standstill.js';
import { splitLines } from './split-lines.js';

export interface ProcessLimits {
  timeoutMs: number;
  /** Maximum size of stdout and stderr together. */
  maxOutputBytes: number;
  /** Aborting this signal kills the process. */
  signal?: AbortSignal;
  /** Functions that enforce limits that the kernel does not enforce. */
  monitors?: readonly Monitor[];
  /** Whether a process that reaches its time limit is described in its error output before it is killed. */
  describesTimeout?: boolean;
}

/**
 * Watches a running process, and calls `onLimit` when the process exceeds a limit.
 * @returns a function that stops the monitor
 */
export type Monitor = (pid: number, onLimit: (limit: LimitReached) => void) => () => void;

export interface ProcessInput {
  /** Open files that the process gets as its descriptors 3, 4, …. The caller closes them. */
  descriptors?: number[];
  stdin?: string | undefined;
  /** Replaces `stdin`. */
  dialogue?: Dialogue | undefined;
  /** The whole environment of the process. Default: only PATH. */
  env?: Record<string, string>;
  /** Working directory. Default: `/`. */
  cwd?: string;
}

export type ProcessResult = Omit<Execution, 'refusedHosts'>;

/**
 * Milliseconds from the kill until the output pipes are closed. A process that left the process group
 * survives the kill and can keep the pipes open.
 */
const pipeGraceMs = 1000;
/** Maximum time for describing a process that is about to be killed, in milliseconds. */
const describeMs = 10_000;

/**
 * Runs a program in a new process group. Kills the whole group when the program ends or exceeds a limit. Then
 * waits until the output pipes close, because they can still contain output.
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
    // This listener MUST be added first. If no file descriptor is left, the program does not start, and the
    // child does not even have streams.
    child.once('error', reject);
    if (child.pid === undefined) return;
    let ended: Execution['ended'] = 'exited';
    const group = createGroup(child, reject);
    const end = (reason: Execution['ended']) => {
      if (ended === 'exited') ended = reason;
      group.kill();
    };
    const { pid } = child;
    let description = '';
    const endLate = async () => {
      if (limits.describesTimeout) {
        const line = describeStandstill(pid, limits.timeoutMs, performance.now() - collected.lastAt());
        // The process MUST be killed even if it cannot be described.
        description = await Promise.race([line, pause(describeMs, '', { ref: false })]).catch(() => '');
      }
      if (child.exitCode === null && child.signalCode === null) end('timeout');
    };
    const enforcement = enforce(limits, pid, end, endLate);
    const { dialogue } = input;
    const takeStdout = dialogue && splitLines((line) => dialogue.onLine(line));
    const overflow = () => end('output-limit');
    const collected = collectOutput(child, limits.maxOutputBytes, overflow, takeStdout);
    // A write fails if the command closes its input before it has read everything. That is not an error.
    child.stdin?.on('error', () => {});
    if (dialogue) dialogue.onStart((line) => child.stdin?.write(`${line}\n`));
    else child.stdin?.end(input.stdin ?? '');
    child.once('exit', () => {
      enforcement.stopTimer();
      group.kill();
    });
    child.once('close', (code, signal) => {
      enforcement.stop();
      group.forget();
      resolve({
        exitCode: ended === 'exited' ? (code ?? (signal ? 128 + constants.signals[signal] : null)) : null,
        ended,
        ...addLine(collected.take(), ended === 'timeout' ? description : ''),
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

/** Adds a line to the error output. */
function addLine(output: Output, line: string): Output {
  if (line === '') return output;
  const add = (text: string) => `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`;
  return { ...output, stderr: add(output.stderr), output: add(output.output) };
}

/** Returns functions that kill the process group of a child and then close its output pipes. */
function createGroup(child: ChildProcess, onError: (error: Error) => void) {
  let grace: NodeJS.Timeout | undefined;
  return {
    kill: () => {
      try {
        if (child.pid) process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        // ESRCH means that the group has ended. EPERM means that its remaining processes are already dying.
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
function enforce(
  limits: ProcessLimits,
  pid: number,
  end: (reason: Execution['ended']) => void,
  endLate: () => Promise<void>,
) {
  const abort = () => end('stopped');
  const timer = setTimeout(endLate, limits.timeoutMs);
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
