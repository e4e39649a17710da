import { readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { killIfAlive } from '../process/kill-marked.js';
import type { ProcessResult } from '../process/run-process.js';

/** What bubblewrap reports about a command (`--json-status-fd`). */
export interface BubblewrapStatus {
  /** The first process in the sandbox, by its number on the host; null before it exists. */
  childPid(): number | null;
  /**
   * Tells whether the command was started. Its exit code and its output alone cannot tell: it may imitate
   * bubblewrap.
   */
  hasStarted(result: ProcessResult): boolean;
}

/** How long killed processes may take to vanish. */
const maxExitMs = 5000;

/** @param descriptor file that bubblewrap writes the status to */
export function readBubblewrapStatus(descriptor: number): BubblewrapStatus {
  const read = () => {
    const buffer = Buffer.alloc(4096);
    return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, buffer.length, 0));
  };
  return {
    childPid: () => Number(/"child-pid": (\d+)/.exec(read())?.[1] ?? 0) || null,
    hasStarted: ({ stderr, exitCode }) => {
      const status = read();
      const isSetUp = status.includes('"exit-code"') || !/^bwrap: /.test(stderr) || exitCode !== 1;
      return status.includes('"child-pid"') && isSetUp;
    },
  };
}

/**
 * Waits until the first process in the sandbox is gone. The kernel ends it after all others, so nothing of
 * the command is left then. The pipes alone cannot tell: a process may have closed them earlier.
 * @throws Error when it cannot be ended
 */
export async function waitUntilGone(pid: number | null): Promise<void> {
  if (pid === null) return;
  for (const end = Date.now() + maxExitMs; Date.now() < end; await pause(2)) {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
    // A zombie is dead too. In a container, the machine's first process may never collect it.
    if (stat === null || /\) [ZX] /.test(stat)) return;
    if (await isOrphan(stat)) killIfAlive(pid);
  }
  throw new Error(`sandbox: process ${pid} of a command could not be ended within ${maxExitMs / 1000} s`);
}

/**
 * Tells whether bubblewrap's process in the sandbox has lost its parent outside. It leaves the process group
 * (setsid) a moment before it asks the kernel to die with its parent, so a kill of the group in that moment
 * misses it.
 */
async function isOrphan(stat: string): Promise<boolean> {
  const [, name, parent] = /^\d+ \((.*)\) \S (\d+) /s.exec(stat) ?? [];
  if (name !== 'bwrap') return false;
  return (await readFile(`/proc/${parent}/comm`, 'latin1').catch(() => '')) !== 'bwrap\n';
}
