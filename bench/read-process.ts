import { readFileSync, writeFileSync } from 'node:fs';

/** What Linux has counted for a process. */
export interface ProcessFigures {
  /** Of the process itself, and of the children that it has waited for (sandboxes, git). */
  cpuSeconds: number;
  childCpuSeconds: number;
  /** The most since the start, or since `forgetPeak`. */
  peakMemoryMb: number;
}

/** `getconf CLK_TCK`, which is 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

export function readProcess(pid: number): ProcessFigures {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in brackets, may hold spaces; after it the third field is the first.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const seconds = (first: number) => (Number(fields[first - 3]) + Number(fields[first - 2])) / ticksPerSecond;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (!peak) throw new Error(`/proc/${pid}/status: expected VmHWM; found none`);
  return { cpuSeconds: seconds(14), childCpuSeconds: seconds(16), peakMemoryMb: Number(peak) / 1024 };
}

/** The peak is counted anew from here on (proc(5), clear_refs). */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
