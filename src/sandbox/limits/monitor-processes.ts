import { statfsSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { Monitor } from '../process/run-process.js';
import type { LimitReached, SandboxLimits } from '../sandbox-types.js';
import { measureOwnMemory, measureProcesses } from './measure-processes.js';

const intervalMs = 150;
/**
 * Duration of the pause after a measurement, as a multiple of the duration of the measurement. The pause is
 * at least `intervalMs` and at most `maxIntervalMs`.
 */
const pauseFactor = 3;
const maxIntervalMs = 500;
const confirmMs = 50;
/**
 * Processes that started before the command are read only in every n-th measurement, because a machine has
 * many of them. Until then, a process of the command is not counted if it got the id of one that has ended.
 */
const fullMeasurementEvery = 10;
/**
 * Maximum number of files and folders in /tmp and /dev/shm. Each uses kernel memory that no other limit
 * counts.
 */
const maxTemporaryFiles = 200_000;
/** TMPFS_MAGIC from linux/magic.h, which identifies a tmpfs. */
const temporaryFileSystem = 0x01021994;

/**
 * Enforces the limits on the sum of all processes of a command. The kernel's own limits apply to a single
 * process, or to all processes of a user. If the command runs in a control group, the kernel usually enforces
 * the limits before this monitor does.
 * @param findInside returns the id of a process that sees the command's own /tmp; null while there is none
 */
export function monitorProcesses(
  limits: Pick<SandboxLimits, 'memoryBytes' | 'processes'>,
  findInside: () => number | null,
): Monitor {
  return (pid, onLimit) => {
    let timer: NodeJS.Timeout;
    let isOverMemory = false;
    let isStopped = false;
    let older = new Set<number>();
    let count = 0;
    const measure = async () => {
      const isFull = count % fullMeasurementEvery === 0;
      count += 1;
      const use = await measureProcesses(pid, isFull ? undefined : older);
      if (isFull) older = use.older;
      return use;
    };
    const findLimit = async (): Promise<LimitReached | null> => {
      const use = await measure();
      if (use.tasks > limits.processes) return 'process-limit';
      const { memoryBytes } = limits;
      const isOver =
        use.residentBytes > memoryBytes && (await measureOwnMemory(use, memoryBytes)) > memoryBytes;
      // Two measurements in a row must exceed the limit, because the memory of a starting process is counted
      // twice for a moment.
      if (isOver && isOverMemory) return 'memory-limit';
      isOverMemory = isOver;
      const inside = findInside();
      return inside !== null && countTemporaryFiles(inside) > maxTemporaryFiles ? 'disk-limit' : null;
    };
    const check = async () => {
      const startedAt = performance.now();
      // A command that cannot be measured has no limits, so it is killed. A measurement fails, for example,
      // when Pullwright has no file descriptor left.
      const limit = await findLimit().catch(() => 'not-measured' as const);
      if (isStopped) return;
      if (limit) onLimit(limit);
      const pauseMs = Math.max(intervalMs, (performance.now() - startedAt) * pauseFactor);
      timer = setTimeout(check, isOverMemory ? confirmMs : Math.min(maxIntervalMs, pauseMs));
    };
    timer = setTimeout(check, intervalMs);
    return () => {
      isStopped = true;
      clearTimeout(timer);
    };
  };
}

function countTemporaryFiles(pid: number): number {
  let count = 0;
  for (const folder of ['/tmp', '/dev/shm'])
    try {
      const { type, files, ffree } = statfsSync(`/proc/${pid}/root${folder}`);
      // Other file systems are skipped, because a process that is just starting still sees the host's /tmp.
      if (type === temporaryFileSystem) count += files - ffree;
    } catch {
      // The process has ended or cannot be inspected. The memory limit still applies.
    }
  return count;
}
