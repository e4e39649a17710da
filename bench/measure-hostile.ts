import type { HostileInput } from './hostile/hostile-input.js';
import { incomingText } from './hostile/incoming-text.js';
import { outgoingText } from './hostile/outgoing-text.js';
import { reports } from './hostile/reports.js';
import { secretLikeText } from './hostile/secrets.js';
import { measureCpu } from './measure-cpu.js';

export interface HostileMeasurement {
  count: number;
  /** The input that came closest to its limit, or went furthest beyond it. */
  slowest: { name: string; units: number; maxUnits: number };
}

/** Measures how long the slowest hostile text takes, compared with its limit. */
export async function measureHostile(): Promise<HostileMeasurement> {
  const inputs: HostileInput[] = [...incomingText, ...outgoingText, ...secretLikeText, ...reports];
  const measured = [];
  for (const { name, maxUnits, work } of inputs)
    measured.push({ name, maxUnits, units: await measureCpu(work) });
  const [slowest] = measured.sort((a, b) => b.units / b.maxUnits - a.units / a.maxUnits);
  if (!slowest) throw new Error('there are no hostile inputs');
  return { count: inputs.length, slowest };
}
