import { performance } from 'node:perf_hooks';
import type { Monitor } from '../process/run-process.js';
import type { Mount, SandboxLimits } from '../sandbox-types.js';
import { countFiles, type DiskUse, measureFileSystem } from './measure-disk.js';

/** Limits the disk space and the number of files in a sandbox's writable folders. */
export interface DiskQuota {
  /** Checks whether the folders exceed the quota. MUST be called before each command. */
  isExceeded(): Promise<boolean>;
  /**
   * Reports a command that exceeds the quota. If the quota is exceeded already when a command starts, the
   * command must not add anything.
   */
  monitor: Monitor;
}

const intervalMs = 200;
/** Maximum age of a count, in milliseconds. Estimates miss growth while other programs delete files. */
const maxEstimateMs = 30_000;
/** A slow count may become older than `maxEstimateMs`: up to this many times its own duration. */
const pauseFactor = 50;
/**
 * If the file system grows by more than this many quotas during a command, the command is blamed even if no
 * count finds the files.
 */
const hiddenFactor = 3;

/**
 * Opens a quota that works without file-system quotas, because few machines enable those. First, it
 * estimates: the folders can hardly grow by more than the whole file system, and that growth is fast to
 * measure. It counts the files only if the estimate exceeds the limit or the last count is too old.
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
          // The command is killed, because it has no disk limit while its use cannot be measured. After its
          // end, an error is normal: the folders may be gone already.
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

/** Estimates the size of the folders, and counts their files when the estimate is not good enough. */
function createEstimate(folders: readonly string[], maxHiddenBytes: number) {
  const [first] = folders;
  // Older files are not counted at first. The quota of the sandbox that created them has limited them
  // already.
  let counted: DiskUse = { bytes: 0, files: 0 };
  /** Use of the whole file system at the time of `counted`. */
  let base: DiskUse | null = null;
  let countedAt = performance.now();
  let countMs = 0;
  /** Use of the whole file system when the latest command started. */
  let atStart: DiskUse = { bytes: 0, files: 0 };

  /** @returns the counted use, or an upper estimate if that is within `bound` or the count failed */
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
    // If the count failed, the estimate is the only known bound. If the file system grew by several quotas
    // during one command, the command has most likely hidden its files from the count.
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
