import { readFileSync, writeFileSync } from 'node:fs';

/** Linux's counters for a process. */
export interface ProcessFigures {
  /** The process itself. */
  cpuSeconds: number;
  /** The children that it has waited for: sandboxes and git. */
  childCpuSeconds: number;
  /** The maximum since the start or the last `resetPeak`. */
  peakMemoryMb: number;
}

/** `getconf CLK_TCK`. It is 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

export function readProcess(pid: number): ProcessFigures {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in parentheses, which can contain spaces. The rest starts with the third
  // field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const seconds = (first: number) => (Number(fields[first - 3]) + Number(fields[first - 2])) / ticksPerSecond;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (!peak) throw new Error(`/proc/${pid}/status: expected VmHWM; found none`);
  return { cpuSeconds: seconds(14), childCpuSeconds: seconds(16), peakMemoryMb: Number(peak) / 1024 };
}

/** Restarts the measurement of the memory peak (proc(5), clear_refs). */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
