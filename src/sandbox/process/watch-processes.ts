import { statfsSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { measureOwnMemory, measureProcesses } from '../limits/measure-processes.js';
import type { LimitReached, SandboxLimits } from '../sandbox.js';
import type { Watch } from './run-process.js';

const everyMs = 150;
/** A look at a machine full of processes takes its time; so many times that is left to everything else. */
const restFactor = 3;
const mostMs = 500;
const confirmMs = 50;
/** Files and folders below /tmp and /dev/shm: each takes memory of the kernel's that counts for nobody. */
const maxTemporaryFiles = 200_000;
/** TMPFS_MAGIC of linux/magic.h. */
const temporaryFileSystem = 0x01021994;

/**
 * Looks at what a command and all that it started hold together: the kernel's own limits are of one process, or of
 * all that the user has. With a control group around the command, this finds nothing to do.
 * @param insideOf a process that sees the command's /tmp; null while there is none
 */
export function watchProcesses(
  { memoryBytes, processes }: Pick<SandboxLimits, 'memoryBytes' | 'processes'>,
  insideOf: () => number | null,
): Watch {
  return (pid, reached) => {
    let timer: NodeJS.Timeout;
    let wasOver = false;
    let isEnded = false;
    const look = async (): Promise<LimitReached | null> => {
      const use = await measureProcesses(pid);
      if (use.tasks > processes) return 'process-limit';
      const over =
        use.residentBytes > memoryBytes && (await measureOwnMemory(use, memoryBytes)) > memoryBytes;
      // A process that is just being started counts twice for a moment: once more, before it costs a run.
      if (over && wasOver) return 'memory-limit';
      wasOver = over;
      const inside = insideOf();
      return inside !== null && countTemporaryFiles(inside) > maxTemporaryFiles ? 'disk-limit' : null;
    };
    const again = async () => {
      const started = performance.now();
      // What cannot be measured has no bound: this process may have no descriptor left for it.
      const limit = await look().catch(() => 'not-measured' as const);
      if (isEnded) return;
      if (limit) reached(limit);
      const took = performance.now() - started;
      timer = setTimeout(again, wasOver ? confirmMs : Math.min(mostMs, Math.max(everyMs, took * restFactor)));
    };
    timer = setTimeout(again, everyMs);
    return () => {
      isEnded = true;
      clearTimeout(timer);
    };
  };
}

function countTemporaryFiles(pid: number): number {
  let count = 0;
  for (const folder of ['/tmp', '/dev/shm'])
    try {
      const { type, files, ffree } = statfsSync(`/proc/${pid}/root${folder}`);
      // In its first moments it still sees the machine's own.
      if (type === temporaryFileSystem) count += files - ffree;
    } catch {
      // It is over, or it hid itself: its memory is still bounded.
    }
  return count;
}
