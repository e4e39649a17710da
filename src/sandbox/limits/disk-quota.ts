import { performance } from 'node:perf_hooks';
import type { Monitor } from '../process/run-process.js';
import type { SandboxLimits } from '../sandbox-types.js';
import { countFiles, type DiskUse, measureFileSystem } from './measure-disk.js';

/** Limits the disk space and the number of files in a sandbox's writable folders. */
export interface DiskQuota {
  /** Checks whether the folders exceed the quota. MUST be called before each command. */
  isExceeded(): Promise<boolean>;
  /**
   * Reports a command that makes the folders exceed the quota. If the folders already exceeded the quota when
   * the command started, the command is reported as soon as it makes them larger.
   */
  monitor: Monitor;
}

const intervalMs = 200;
/**
 * Minimum time between two file counts that the estimate does not ask for, in milliseconds. The estimate adds
 * the growth of the whole file system to the last count. The estimate is too low if other programs have
 * deleted files on the same file system. Therefore, files must be counted again from time to time.
 */
const minPauseMs = 2_000;
/** The pause is at least this many times the duration of the last count, so that counting is cheap. */
const pauseFactor = 50;
/**
 * A multiple of the quota. If the file system grows by more than this multiple during one command, the file
 * count is not trusted, because the command may have hidden files from the count. The disk use is then
 * estimated from the growth of the file system.
 */
const hiddenFactor = 3;

/**
 * Opens a quota that works without file-system quotas, because few machines enable those. The quota first
 * estimates the use from the growth of the whole file system, which is fast to measure. It counts files only
 * if the estimate exceeds the limit or the last count is too old.
 * @param folders the folders to which commands can write
 */
export function openDiskQuota(
  folders: readonly string[],
  { diskBytes, diskFiles }: Pick<SandboxLimits, 'diskBytes' | 'diskFiles'>,
): DiskQuota {
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
          // A command is killed if its disk use cannot be measured, because it would have no limit. An error
          // after the end of the command is normal, because the folders may be gone already.
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

/** Estimates the size of the folders. Counts their files when the estimate is not exact enough. */
function createEstimate(folders: readonly string[], maxHiddenBytes: number) {
  const [first] = folders;
  // The estimate ignores the files that already exist when the quota is opened. The first file count includes
  // these files. Ignoring them until then is safe, because the quota of an earlier sandbox limited them.
  let counted: DiskUse = { bytes: 0, files: 0 };
  /** Use of the whole file system when `counted` was measured. */
  let base: DiskUse | null = null;
  let countedAt = performance.now();
  let countMs = 0;
  /** Use of the whole file system when the latest command started. */
  let atStart: DiskUse = { bytes: 0, files: 0 };

  /**
   * Measures the disk use of the folders. Returns the estimate in two cases:
   * 1. The estimate is within `bound`, and the last file count is recent enough.
   * 2. A new file count fails or cannot be trusted.
   * Otherwise, returns the result of the new file count.
   */
  const measure = async (bound: DiskUse, pid: number | null): Promise<DiskUse> => {
    if (first === undefined) return counted;
    const now = await measureFileSystem(first);
    base ??= now;
    const atMost = {
      bytes: counted.bytes + Math.max(0, now.bytes - base.bytes),
      files: counted.files + Math.max(0, now.files - base.files),
    };
    const maxAgeMs = Math.max(minPauseMs, countMs * pauseFactor);
    if (!exceeds(atMost, bound) && performance.now() - countedAt < maxAgeMs) return atMost;
    const startedAt = performance.now();
    const count = await countFiles(folders, pid);
    countedAt = performance.now();
    countMs = countedAt - startedAt;
    // Return the estimate in two cases:
    // 1. The count failed.
    // 2. The file system grew by several times the quota during one command. The command has most likely
    //    hidden files from the count.
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
