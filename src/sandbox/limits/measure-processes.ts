import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { takeTurns } from '../../workspace/take-turns.js';

/** What a process and all that descend from it hold. */
export interface ProcessUse {
  pids: number[];
  /** Processes and their threads. */
  tasks: number;
  /** Resident memory; what several share is counted for each. */
  residentBytes: number;
}

interface Stat {
  parent: number;
  tasks: number;
  residentBytes: number;
}

/**
 * Looks at every process of the machine: a list of children has gaps while they come and go, and a fork bomb would hide in
 * them. However many there are, everything else in this process gets its turn meanwhile.
 */
export async function measureProcesses(root: number): Promise<ProcessUse> {
  const turn = takeTurns();
  const stats = new Map<number, Stat>();
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? readStat(pid) : null;
    const others = turn();
    if (others) await others;
    if (!stat) continue;
    stats.set(pid, stat);
    const siblings = children.get(stat.parent);
    if (siblings) siblings.push(pid);
    else children.set(stat.parent, [pid]);
  }
  const use: ProcessUse = { pids: [], tasks: 0, residentBytes: 0 };
  const left = [root];
  for (let pid = left.pop(); pid !== undefined; pid = left.pop()) {
    const stat = stats.get(pid);
    if (!stat) continue;
    use.pids.push(pid);
    use.tasks += stat.tasks;
    use.residentBytes += stat.residentBytes;
    left.push(...(children.get(pid) ?? []));
  }
  return use;
}

/**
 * The memory that these processes have for themselves; shared pages are divided among those who share them.
 * @param enough when it is known to be more than this, nothing more is looked at
 */
export async function measureOwnMemory({ pids }: ProcessUse, enough: number): Promise<number> {
  let bytes = 0;
  for (const pid of pids) {
    if (bytes > enough) break;
    // The kernel goes through all pages for it, and waits for a process that is changing its own.
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'latin1').catch(() => '');
    const kilobytes = [...rollup.matchAll(/^Pss_(?:Anon|Shmem): +(\d+) kB$/gm)];
    // Not told of a process that hid itself from its kind, nor of one that lost its first thread.
    if (kilobytes.length === 0) bytes += readStat(pid)?.residentBytes ?? 0;
    else for (const [, count] of kilobytes) bytes += Number(count) * 1024;
  }
  return bytes;
}

function readStat(pid: number): Stat | null {
  const fields = readFields(`/proc/${pid}/stat`);
  if (!fields) return null;
  const tasks = Number(fields[17]);
  // Of a process whose first thread has ended, only the other threads still know the memory.
  const pages = fields[0] === 'Z' && tasks > 1 ? readPagesOfThreads(pid) : Number(fields[21]);
  return { parent: Number(fields[1]), tasks: Math.max(1, tasks), residentBytes: pages * pageBytes() };
}

/** Any thread that lives knows those of all. */
function readPagesOfThreads(pid: number): number {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    // Gone in between.
    return 0;
  }
  for (const thread of threads) {
    const pages = Number(readFields(`/proc/${pid}/task/${thread}/stat`)?.[21] ?? 0);
    if (pages > 0) return pages;
  }
  return 0;
}

/** From the state on: the name before it may have spaces and brackets. */
function readFields(file: string): string[] | null {
  const text = readIfThere(file);
  return text === '' ? null : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Processes end while they are looked at. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(code)) return '';
    // No descriptor left, or no memory: whoever is not seen would have no bound.
    throw error;
  }
}

let knownPageBytes = 0;

function pageBytes(): number {
  if (knownPageBytes === 0)
    knownPageBytes =
      Number(/KernelPageSize: +(\d+) kB/.exec(readIfThere('/proc/self/smaps'))?.[1] ?? 4) * 1024;
  return knownPageBytes;
}
