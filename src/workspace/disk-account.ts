import { statfs } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { runProcess, type Watch } from './run-process.js';
import type { Mount, SandboxLimits } from './sandbox.js';

interface DiskUse {
  bytes: number;
  files: number;
}

/** What a sandbox's folders hold on disk, and whether that is too much. */
export interface DiskAccount {
  /** To be called before each command. @returns whether there is more than there may be already */
  isFull(): Promise<boolean>;
  /** Ends a command that writes more than there may be. One that finds it full may only take away. */
  watch: Watch;
}

const everyMs = 200;
const walkTimeoutMs = 60_000;
/** Others who delete at the same time hide what grows: so it is counted now and then in any case. */
const leastMsBetweenWalks = 30_000;
const restFactor = 50;

/**
 * A bound without quotas, which few file systems have switched on. How much has become taken on the whole file system
 * since the folders were last counted is known for nothing, and is never less than what they have grown by; only when
 * that would be too much are they counted again. Sparse files count by their blocks.
 */
export function openDiskAccount(
  mounts: readonly Mount[],
  { diskBytes, diskFiles }: Pick<SandboxLimits, 'diskBytes' | 'diskFiles'>,
): DiskAccount {
  const folders = mounts.filter(({ writable }) => writable).map(({ from }) => from);
  // Not counted before it matters: what was there at the beginning was bounded by the account of who made it.
  let known: DiskUse = { bytes: 0, files: 0 };
  let takenThen: DiskUse | null = null;
  let walkedAt = performance.now();
  let walkMs = 0;
  let limit: DiskUse = { bytes: diskBytes, files: diskFiles };

  const exceeds = (use: DiskUse, bound: DiskUse) => use.bytes > bound.bytes || use.files > bound.files;
  const measure = async (bound: DiskUse): Promise<DiskUse> => {
    const [first] = folders;
    if (first === undefined) return known;
    const taken = await readTaken(first);
    takenThen ??= taken;
    const atMost = {
      bytes: known.bytes + Math.max(0, taken.bytes - takenThen.bytes),
      files: known.files + Math.max(0, taken.files - takenThen.files),
    };
    const sinceMs = performance.now() - walkedAt;
    if (!exceeds(atMost, bound) && sinceMs < Math.max(leastMsBetweenWalks, walkMs * restFactor))
      return atMost;
    const started = performance.now();
    const counted = await countFolders(folders);
    walkedAt = performance.now();
    walkMs = walkedAt - started;
    // Folders that could not be looked into: what they may hold at most is all that is known.
    if (!counted) return atMost;
    known = counted;
    takenThen = taken;
    return known;
  };

  return {
    isFull: async () => {
      const most = { bytes: diskBytes, files: diskFiles };
      const use = await measure(most);
      const full = exceeds(use, most);
      limit = full ? { bytes: Math.max(use.bytes, diskBytes), files: Math.max(use.files, diskFiles) } : most;
      return full;
    },
    watch: (_, reached) => {
      let over = false;
      let timer: NodeJS.Timeout;
      const look = async () => {
        if (exceeds(await measure(limit), limit) && !over) reached('disk-limit');
        if (!over) timer = setTimeout(look, everyMs);
      };
      timer = setTimeout(look, everyMs);
      return () => {
        over = true;
        clearTimeout(timer);
      };
    },
  };
}

async function readTaken(folder: string): Promise<DiskUse> {
  const { bsize, blocks, bfree, files, ffree } = await statfs(folder);
  return { bytes: (blocks - bfree) * bsize, files: files - ffree };
}

/** @returns null when some folder could not be looked into */
async function countFolders(folders: readonly string[]): Promise<DiskUse | null> {
  // find goes down by descriptors: no depth is too deep for it, as paths are.
  const { stdout, stderr } = await runProcess(
    ['find', '-P', ...folders, '-xdev', '-printf', '%b\\n'],
    {},
    { timeoutMs: walkTimeoutMs, maxOutputBytes: 256 * 1024 * 1024 },
  );
  if (/Permission denied/.test(stderr)) return null;
  let blocks = 0;
  let files = 0;
  for (const line of stdout.split('\n')) {
    if (line === '') continue;
    blocks += Number(line);
    files += 1;
  }
  return { bytes: blocks * 512, files };
}
