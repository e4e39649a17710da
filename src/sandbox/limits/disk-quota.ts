import { performance } from 'node:perf_hooks';
import type { Monitor } from '../process/run-process.js';
import type { Mount, SandboxLimits } from '../sandbox-types.js';
import { countFiles, type DiskUse, measureFileSystem } from './measure-disk.js';

/** Limits the disk space of a sandbox's writable folders. */
export interface DiskQuota {
  /** Returns whether the folders exceed the quota. MUST be called before each command. */
  isExceeded(): Promise<boolean>;
  /** Reports a command that exceeds the quota. One that starts above it may not add anything. */
  monitor: Monitor;
}

const intervalMs = 200;
/** The folders are counted at least this often: files that others delete at the same time hide the growth. */
const maxEstimateMs = 30_000;
/** The pause after a count is at least this many times as long as the count. */
const pauseFactor = 50;
/** Growth of the file system beyond this many quotas is blamed on the command, although no count finds it. */
const hiddenFactor = 3;

/**
 * A quota that needs no file-system quotas, which are rarely enabled. The growth of the whole file system is
 * known at no cost, and the folders cannot have grown by more. They are counted only when that growth would
 * exceed the quota.
 */
export function openDiskQuota(
  mounts: readonly Mount[],
  { diskBytes, diskFiles }: Pick<SandboxLimits, 'diskBytes' | 'diskFiles'>,
): DiskQuota {
  const folders = mounts.filter(({ writable }) => writable).map(({ from }) => from);
  const quota: DiskUse = { bytes: diskBytes, files: diskFiles };
  const estimate = createEstimate(folders, diskBytes * hiddenFactor);
  let limit = quota;
  return {
    isExceeded: async () => {
      const use = await estimate.measure(quota, null);
      await estimate.startCommand();
      const isOver = exceeds(use, quota);
      limit = isOver
        ? { bytes: Math.max(use.bytes, quota.bytes), files: Math.max(use.files, quota.files) }
        : quota;
      return isOver;
    },
    monitor: (pid, onLimit) => {
      let isStopped = false;
      let timer: NodeJS.Timeout;
      const check = async () => {
        try {
          if (exceeds(await estimate.measure(limit, pid), limit) && !isStopped) onLimit('disk-limit');
        } catch {
          // A command that cannot be measured would have no limit. After its end, the folders may be gone
          // already.
          if (!isStopped) onLimit('not-measured');
        }
        if (!isStopped) timer = setTimeout(check, intervalMs);
      };
      timer = setTimeout(check, intervalMs);
      return () => {
        isStopped = true;
        clearTimeout(timer);
      };
    },
  };
}

/** Estimates the size of the folders, and counts them when the estimate is not good enough. */
function createEstimate(folders: readonly string[], maxHiddenBytes: number) {
  const [first] = folders;
  // Nothing is counted at first: earlier contents were limited by the quota of their own sandbox.
  let counted: DiskUse = { bytes: 0, files: 0 };
  /** The file system at the time of `counted`. */
  let base: DiskUse | null = null;
  let countedAt = performance.now();
  let countMs = 0;
  /** The file system when the latest command started. */
  let atStart: DiskUse = { bytes: 0, files: 0 };

  /** @returns the use, or more than the use as long as that is within `bound` */
  const measure = async (bound: DiskUse, pid: number | null): Promise<DiskUse> => {
    if (first === undefined) return counted;
    const now = await measureFileSystem(first);
    base ??= now;
    const atMost = {
      bytes: counted.bytes + Math.max(0, now.bytes - base.bytes),
      files: counted.files + Math.max(0, now.files - base.files),
    };
    const maxAgeMs = Math.max(maxEstimateMs, countMs * pauseFactor);
    if (!exceeds(atMost, bound) && performance.now() - countedAt < maxAgeMs) return atMost;
    const startedAt = performance.now();
    const count = await countFiles(folders, pid);
    countedAt = performance.now();
    countMs = countedAt - startedAt;
    // When the count failed, only the upper bound is known. When the file system grew by far more than the
    // quota during one command, most of that is the command's own, wherever it is hidden.
    if (!count || now.bytes - atStart.bytes > maxHiddenBytes) return atMost;
    counted = count;
    base = now;
    return counted;
  };
  const startCommand = async () => {
    if (first !== undefined) atStart = await measureFileSystem(first);
  };
  return { measure, startCommand };
}

function exceeds(use: DiskUse, bound: DiskUse): boolean {
  return use.bytes > bound.bytes || use.files > bound.files;
}
