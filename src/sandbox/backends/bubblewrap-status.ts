import { readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { killIfAlive } from '../process/kill-marked.js';
import type { ProcessResult } from '../process/run-process.js';

/** The status that bubblewrap writes about a command (`--json-status-fd`). */
export interface BubblewrapStatus {
  /** Host process id of the first process in the sandbox. Null until it exists. */
  childPid(): number | null;
  /**
   * Checks whether bubblewrap started the command. The command's output alone is no proof, because a command
   * can print the same text as a bubblewrap error.
   */
  hasStarted(result: ProcessResult): boolean;
}

/** Maximum time until a killed process has disappeared. */
const maxExitMs = 5000;

/** @param descriptor descriptor of the file to which bubblewrap writes the status */
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
 * Waits until the first process in the sandbox has ended. The kernel ends this process last, so all other
 * processes of the command have ended before it. Closed output pipes do not prove that a process has ended,
 * because a process can close its pipes early.
 * @throws Error when the process does not end in time
 */
export async function waitUntilGone(pid: number | null): Promise<void> {
  if (pid === null) return;
  for (const end = Date.now() + maxExitMs; Date.now() < end; await pause(2)) {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
    // A zombie counts as ended. If Pullwright runs in a container, there may be no process that reaps
    // zombies.
    if (stat === null || /\) [ZX] /.test(stat)) return;
    if (await isOrphan(stat)) killIfAlive(pid);
  }
  throw new Error(`sandbox: process ${pid} of a command could not be ended within ${maxExitMs / 1000} s`);
}

/**
 * Checks whether the first process in the sandbox is an orphan. This process belongs to bubblewrap. Its
 * parent is the bubblewrap process outside the sandbox. When the first process starts, it makes two calls:
 * (1) It leaves the process group (setsid).
 * (2) It asks the kernel to kill it when its parent ends.
 * If the process group is killed between these two calls, the first process survives.
 */
async function isOrphan(stat: string): Promise<boolean> {
  const [, name, parent] = /^\d+ \((.*)\) \S (\d+) /s.exec(stat) ?? [];
  if (name !== 'bwrap') return false;
  return (await readFile(`/proc/${parent}/comm`, 'latin1').catch(() => '')) !== 'bwrap\n';
}
