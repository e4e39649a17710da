import { readdirSync, type Stats, statfsSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { runProcess } from '../process/run-process.js';
import { measureProcesses } from './measure-processes.js';
import { createEventLoopYield } from './yield-to-event-loop.js';

export interface DiskUse {
  bytes: number;
  /** Number of files and folders. */
  files: number;
}

const walkTimeoutMs = 60_000;
const maxDescriptors = 20_000;
/** `f_type` of an overlay (linux/magic.h). */
const overlayType = 0x794c7630;
/** Unit of `st_blocks` and of find's `%b`, in bytes. */
const blockBytes = 512;

/** Measures the whole file system that contains `folder`. This is a single fast system call. */
export async function measureFileSystem(folder: string): Promise<DiskUse> {
  const { bsize, blocks, bfree, files, ffree } = await statfs(folder);
  return { bytes: (blocks - bfree) * bsize, files: files - ffree };
}

/**
 * Counts the files in the folders, and the bytes that they occupy on disk. Holes of sparse files occupy no
 * disk space. The number of bytes includes unlinked files if (1) they are on the file system of the first
 * folder or on an overlay, and (2) the process `pid` or one of its descendants has them open.
 * @param pid if null, the number of bytes includes no unlinked files
 * @returns null when a part could not be counted
 */
export async function countFiles(folders: readonly string[], pid: number | null): Promise<DiskUse | null> {
  const [first] = folders;
  const linked = await countFolders(folders);
  if (!linked || pid === null || first === undefined) return linked;
  const unlinkedBytes = await countUnlinked(pid, first);
  return unlinkedBytes === null ? null : { ...linked, bytes: linked.bytes + unlinkedBytes };
}

/** @returns null when a folder could not be read, or the count took too long */
async function countFolders(folders: readonly string[]): Promise<DiskUse | null> {
  // `find` opens each folder relative to its parent, so it works even for paths that exceed the kernel's
  // length limit.
  const { ended, stdout, stderr } = await runProcess(
    ['find', '-P', ...folders, '-xdev', '-printf', '%b\\n'],
    {},
    { timeoutMs: walkTimeoutMs, maxOutputBytes: 64 * 1024 * 1024 },
  );
  if (ended !== 'exited' || /Permission denied/.test(stderr)) return null;
  const yieldIfDue = createEventLoopYield();
  const use = { bytes: 0, files: 0 };
  // The loop reads one line at a time, because splitting the output for a million files takes up to a second.
  for (let at = 0, end = stdout.indexOf('\n'); end >= 0; at = end + 1, end = stdout.indexOf('\n', at)) {
    use.bytes += Number(stdout.slice(at, end)) * blockBytes;
    use.files += 1;
    const others = yieldIfDue();
    if (others) await others;
  }
  return use;
}

/**
 * Counts the bytes of unlinked files. Such a file has no name, but it occupies disk space while a process has
 * it open.
 * @returns null when the processes have too many open descriptors
 */
async function countUnlinked(root: number, folder: string): Promise<number | null> {
  const { dev } = statSync(folder);
  const yieldIfDue = createEventLoopYield();
  const blocksOf = new Map<number, number>();
  let count = 0;
  for (const pid of (await measureProcesses(root)).pids)
    for (const descriptor of listDescriptors(pid)) {
      count += 1;
      if (count > maxDescriptors) return null;
      const stats = statDescriptor(descriptor);
      if (stats?.nlink === 0 && (stats.dev === dev || isOnOverlay(descriptor)))
        blocksOf.set(stats.ino, stats.blocks);
      const others = yieldIfDue();
      if (others) await others;
    }
  return [...blocksOf.values()].reduce((sum, blocks) => sum + blocks, 0) * blockBytes;
}

/**
 * Lists the open descriptors of a process. If access is denied, the unlinked files of the process are not
 * counted here. disk-quota.ts still notices these files, because disk-quota.ts also measures how much the
 * file system has grown.
 * @returns [] when the process has ended or access is denied
 */
function listDescriptors(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((name) => `/proc/${pid}/fd/${name}`);
  } catch {
    return [];
  }
}

/** An overlay has a device number of its own, although its files occupy the disk of its upper folder. */
function isOnOverlay(descriptor: string): boolean {
  try {
    return statfsSync(descriptor).type === overlayType;
  } catch {
    return false;
  }
}

function statDescriptor(descriptor: string): Stats | null {
  try {
    return statSync(descriptor);
  } catch {
    return null;
  }
}
