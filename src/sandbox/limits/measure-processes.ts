import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createEventLoopYield } from './yield-to-event-loop.js';

/** The resources of a process and all of its descendants. */
export interface ProcessUse {
  pids: number[];
  /** Processes and their threads. */
  tasks: number;
  /** Resident memory. Pages that processes share are counted once for each of them. */
  residentBytes: number;
}

interface Stat {
  parent: number;
  tasks: number;
  residentBytes: number;
}

/**
 * Reads every process of the machine. A list of children has gaps while processes come and go, and a fork
 * bomb would hide in them.
 */
export async function measureProcesses(root: number): Promise<ProcessUse> {
  const yieldIfDue = createEventLoopYield();
  const stats = new Map<number, Stat>();
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? readStat(pid) : null;
    const others = yieldIfDue();
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
 * Measures the memory of these processes in bytes. Shared pages are divided among the processes that share
 * them.
 * @param enough stops measuring once the sum is higher than this
 */
export async function measureOwnMemory({ pids }: ProcessUse, enough: number): Promise<number> {
  let bytes = 0;
  for (const pid of pids) {
    if (bytes > enough) break;
    // Asynchronous: the kernel walks all pages, and waits for a process that is changing its own.
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'latin1').catch(() => '');
    const kilobytes = [...rollup.matchAll(/^Pss_(?:Anon|Shmem): +(\d+) kB$/gm)];
    // Missing for a process that is not dumpable, and for one whose first thread has ended.
    if (kilobytes.length === 0) bytes += readStat(pid)?.residentBytes ?? 0;
    else for (const [, count] of kilobytes) bytes += Number(count) * 1024;
  }
  return bytes;
}

function readStat(pid: number): Stat | null {
  const fields = readFields(`/proc/${pid}/stat`);
  if (!fields) return null;
  const tasks = Number(fields[17]);
  // When the first thread has ended, only the other threads still report the memory.
  const pages = fields[0] === 'Z' && tasks > 1 ? readPagesOfThreads(pid) : Number(fields[21]);
  return { parent: Number(fields[1]), tasks: Math.max(1, tasks), residentBytes: pages * pageBytes() };
}

/** Each living thread reports the pages of the whole process. */
function readPagesOfThreads(pid: number): number {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    // The process has ended since.
    return 0;
  }
  for (const thread of threads) {
    const pages = Number(readFields(`/proc/${pid}/task/${thread}/stat`)?.[21] ?? 0);
    if (pages > 0) return pages;
  }
  return 0;
}

/** @returns the fields from the state on; the name before it may contain spaces and parentheses */
function readFields(file: string): string[] | null {
  const text = readIfThere(file);
  return text === '' ? null : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** @returns '' when the process has ended or may not be read */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(code)) return '';
    // For lack of descriptors or memory. A process that is not seen would have no limit.
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
