import { readdirSync, type Stats, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { takeTurns } from '../../workspace/take-turns.js';
import { runProcess, type Watch } from '../process/run-process.js';
import type { Mount, SandboxLimits } from '../sandbox.js';
import { measureProcesses } from './measure-processes.js';

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
/** Descriptors that are looked at. Who has more open is held to what became taken on the whole file system. */
const maxDescriptors = 20_000;
const restFactor = 50;
/** What can be hidden: a file without a name that is in use as memory only. */
const hiddenFactor = 3;

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
  /** Of the command that was started last. */
  let takenAtStart: DiskUse = { bytes: 0, files: 0 };

  const exceeds = (use: DiskUse, bound: DiskUse) => use.bytes > bound.bytes || use.files > bound.files;
  const measure = async (bound: DiskUse, pid: number | null): Promise<DiskUse> => {
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
    const counted = await countAll(folders, first, pid);
    walkedAt = performance.now();
    walkMs = walkedAt - started;
    // What could not be looked into: what it may hold at most is all that is known. And what became taken
    // while one command ran is mostly its own, wherever it has hidden it.
    if (!counted || taken.bytes - takenAtStart.bytes > diskBytes * hiddenFactor) return atMost;
    known = counted;
    takenThen = taken;
    return known;
  };

  return {
    isFull: async () => {
      const most = { bytes: diskBytes, files: diskFiles };
      const use = await measure(most, null);
      const [first] = folders;
      if (first !== undefined) takenAtStart = await readTaken(first);
      const full = exceeds(use, most);
      limit = full ? { bytes: Math.max(use.bytes, diskBytes), files: Math.max(use.files, diskFiles) } : most;
      return full;
    },
    watch: (pid, reached) => {
      let over = false;
      let timer: NodeJS.Timeout;
      const look = async () => {
        try {
          if (exceeds(await measure(limit, pid), limit) && !over) reached('disk-limit');
        } catch {
          // What cannot be measured has no bound; once it is over, the folders may be gone already.
          if (!over) reached('not-measured');
        }
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

/** @returns null when some of it could not be looked into */
async function countAll(
  folders: readonly string[],
  first: string,
  pid: number | null,
): Promise<DiskUse | null> {
  const named = await countFolders(folders);
  if (!named || pid === null) return named;
  const nameless = await countNameless(pid, first);
  return nameless === null ? null : { ...named, bytes: named.bytes + nameless };
}

/**
 * Files that have no name any more, and are there as long as a process has them open.
 * @returns null when there are too many descriptors to look at
 */
async function countNameless(root: number, folder: string): Promise<number | null> {
  const { dev } = statSync(folder);
  const turn = takeTurns();
  const blocksOf = new Map<number, number>();
  let looked = 0;
  for (const pid of (await measureProcesses(root)).pids)
    for (const descriptor of listDescriptors(pid)) {
      looked += 1;
      if (looked > maxDescriptors) return null;
      const found = statDescriptor(descriptor);
      if (found?.nlink === 0 && found.dev === dev) blocksOf.set(found.ino, found.blocks);
      const others = turn();
      if (others) await others;
    }
  return [...blocksOf.values()].reduce((sum, blocks) => sum + blocks, 0) * 512;
}

/** A process that ended meanwhile, or hid itself, says nothing: what it holds is still bounded by what became taken. */
function listDescriptors(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((name) => `/proc/${pid}/fd/${name}`);
  } catch {
    return [];
  }
}

function statDescriptor(descriptor: string): Stats | null {
  try {
    return statSync(descriptor);
  } catch {
    return null;
  }
}

/** @returns null when some folder could not be looked into, or there was no end of it */
async function countFolders(folders: readonly string[]): Promise<DiskUse | null> {
  // find goes down by descriptors: no depth is too deep for it, as paths are.
  const { ended, stdout, stderr } = await runProcess(
    ['find', '-P', ...folders, '-xdev', '-printf', '%b\\n'],
    {},
    { timeoutMs: walkTimeoutMs, maxOutputBytes: 64 * 1024 * 1024 },
  );
  if (ended !== 'exited' || /Permission denied/.test(stderr)) return null;
  const turn = takeTurns();
  const use = { bytes: 0, files: 0 };
  // Line by line: to split the blocks of a million files takes as long as a second.
  for (let at = 0, end = stdout.indexOf('\n'); end >= 0; at = end + 1, end = stdout.indexOf('\n', at)) {
    use.bytes += Number(stdout.slice(at, end)) * 512;
    use.files += 1;
    const others = turn();
    if (others) await others;
  }
  return use;
}
