import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createEventLoopYield } from './yield-to-event-loop.js';

/** Resource use of a process and all of its descendants. */
export interface ProcessUse {
  pids: number[];
  /** The processes among them that have no child process. */
  leaves: number[];
  /** The processes that were read and started before the first one, so that none of them is a descendant. */
  older: Set<number>;
  /** Number of threads of all these processes, including the main thread of each process. */
  tasks: number;
  /** Resident memory in bytes. A page that several processes share counts once for each of them. */
  residentBytes: number;
}

interface Stat {
  parent: number;
  tasks: number;
  residentBytes: number;
  /** In clock ticks since the machine started. */
  startedAt: number;
}

/**
 * Measures a process and its descendants. This function reads every process of the machine instead of the
 * kernel's lists of child processes. These lists can be incomplete while processes start and end, so a fork
 * bomb could stay undetected.
 * @param skipped ids of processes that are not read
 */
export async function measureProcesses(
  root: number,
  skipped: ReadonlySet<number> = new Set(),
): Promise<ProcessUse> {
  const yieldIfDue = createEventLoopYield();
  const stats = new Map<number, Stat>();
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) && !skipped.has(pid) ? readStat(pid) : null;
    const others = yieldIfDue();
    if (others) await others;
    if (!stat) continue;
    stats.set(pid, stat);
    const siblings = children.get(stat.parent);
    if (siblings) siblings.push(pid);
    else children.set(stat.parent, [pid]);
  }
  const startedAt = stats.get(root)?.startedAt ?? 0;
  const older = [...stats].filter(([, stat]) => stat.startedAt < startedAt).map(([pid]) => pid);
  const use: ProcessUse = { pids: [], leaves: [], older: new Set(older), tasks: 0, residentBytes: 0 };
  const left = [root];
  for (let pid = left.pop(); pid !== undefined; pid = left.pop()) {
    const stat = stats.get(pid);
    if (!stat) continue;
    use.pids.push(pid);
    use.tasks += stat.tasks;
    use.residentBytes += stat.residentBytes;
    const own = children.get(pid);
    if (own) left.push(...own);
    else use.leaves.push(pid);
  }
  return use;
}

/**
 * Measures the memory of these processes in bytes. The size of a shared page is divided equally among the
 * processes that share it.
 * @param enough measuring stops once the sum exceeds this number of bytes
 */
export async function measureOwnMemory({ pids }: ProcessUse, enough: number): Promise<number> {
  let bytes = 0;
  for (const pid of pids) {
    if (bytes > enough) break;
    // This read is asynchronous because it can block. The kernel walks all memory pages of the process, and
    // waits while the process changes them.
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'latin1').catch(() => '');
    const kilobytes = [...rollup.matchAll(/^Pss_(?:Anon|Shmem): +(\d+) kB$/gm)];
    // The kernel gives no numbers for a process that is not dumpable or whose first thread has ended. The
    // resident memory is used instead.
    if (kilobytes.length === 0) bytes += readStat(pid)?.residentBytes ?? 0;
    else for (const [, count] of kilobytes) bytes += Number(count) * 1024;
  }
  return bytes;
}

function readStat(pid: number): Stat | null {
  const fields = readFields(`/proc/${pid}/stat`);
  if (!fields) return null;
  const tasks = Number(fields[17]);
  // After the first thread of a process has ended, the stat file of the process shows no memory. The stat
  // files of its other threads still show it.
  const pages = fields[0] === 'Z' && tasks > 1 ? readPagesOfThreads(pid) : Number(fields[21]);
  return {
    parent: Number(fields[1]),
    tasks: Math.max(1, tasks),
    residentBytes: pages * pageBytes(),
    startedAt: Number(fields[19]),
  };
}

/**
 * Reads the memory pages from any living thread, because each thread reports the pages of the whole process.
 */
function readPagesOfThreads(pid: number): number {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    // The process ended after its entry was read.
    return 0;
  }
  for (const thread of threads) {
    const pages = Number(readFields(`/proc/${pid}/task/${thread}/stat`)?.[21] ?? 0);
    if (pages > 0) return pages;
  }
  return 0;
}

/**
 * @returns the fields of a `stat` file in /proc, starting with the process state; null when the file cannot
 * be read. The process name before the state can contain spaces and parentheses, so the state follows the
 * last `)`.
 */
function readFields(file: string): string[] | null {
  const text = readIfThere(file);
  return text === '' ? null : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** @returns '' when the process has ended or access is denied */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(code)) return '';
    // Other errors mean that Pullwright has no descriptors or memory left. Skipping the process would exempt
    // it from the limits.
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
