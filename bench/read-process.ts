import { readFileSync, writeFileSync } from 'node:fs';

/** Linux's counters for a process. */
export interface ProcessFigures {
  /** CPU time of the process itself. */
  cpuSeconds: number;
  /** CPU time of ended child processes, such as sandboxes and git. */
  childCpuSeconds: number;
  /** Peak memory since the start of the process or the last `resetPeak`. */
  peakMemoryMb: number;
}

/** Clock ticks per second (`getconf CLK_TCK`). The number is 100 on every Linux that Node.js supports. */
const ticksPerSecond = 100;

export function readProcess(pid: number): ProcessFigures {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the process name in parentheses, which can contain spaces. Split only the text after
  // it, which starts with the third field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const seconds = (first: number) => (Number(fields[first - 3]) + Number(fields[first - 2])) / ticksPerSecond;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (!peak) throw new Error(`/proc/${pid}/status: expected VmHWM; found none`);
  return { cpuSeconds: seconds(14), childCpuSeconds: seconds(16), peakMemoryMb: Number(peak) / 1024 };
}

/** Resets the kernel's memory peak of a process. See clear_refs in proc(5). */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
