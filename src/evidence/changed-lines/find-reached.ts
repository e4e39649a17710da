import type { Place } from './locate-lines.js';

interface Range {
  start: number;
  end: number;
  ran: boolean;
}

/**
 * Finds the lines with a place that ran. V8 nests its ranges, and the innermost range around a place counts.
 * @param ranges three numbers per range, as in a record
 * @param places in the order of their offsets
 */
export function findReached(ranges: readonly number[], places: readonly Place[]): Set<number> {
  const sorted = toRanges(ranges).sort((a, b) => a.start - b.start || b.end - a.end);
  const around: Range[] = [];
  const reached = new Set<number>();
  let next = 0;
  for (const { offset, line } of places) {
    for (let range = sorted[next]; range && range.start <= offset; range = sorted[next]) {
      leave(around, range.start);
      around.push(range);
      next += 1;
    }
    leave(around, offset);
    if (around.at(-1)?.ran) reached.add(line);
  }
  return reached;
}

function leave(around: Range[], offset: number): void {
  while ((around.at(-1)?.end ?? Number.POSITIVE_INFINITY) <= offset) around.pop();
}

function toRanges(numbers: readonly number[]): Range[] {
  const ranges: Range[] = [];
  for (let at = 0; at + 2 < numbers.length; at += 3) {
    ranges.push({ start: numbers[at] ?? 0, end: numbers[at + 1] ?? 0, ran: numbers[at + 2] === 1 });
  }
  return ranges;
}
