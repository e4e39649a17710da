import { isResolved, type Result } from '../results.js';
import { InputError } from '../task.js';
import { percent } from './report.js';
import { pairedInterval, signFlipTest } from './statistics.js';
import { groupBy, renderTable } from './table.js';

export interface Comparison {
  tasks: number;
  /** Pairs of attempts with the same task and number. */
  pairs: number;
  onlyA: number;
  onlyB: number;
  both: number;
  neither: number;
  /** Mean of B minus A over the tasks, with an interval of 95 %. */
  difference: number;
  low: number;
  high: number;
  /** The chance of a difference at least this large if A and B resolve equally many. */
  p: number;
}

/**
 * Compares two result files, attempt by attempt. Attempts at the same task are not independent, so the test
 * and the interval are about tasks.
 * @throws InputError if no task is in both files
 */
export function compareResults(a: readonly Result[], b: readonly Result[]): Comparison {
  const others = new Map(b.map((result) => [keyOf(result), result]));
  const pairs = a.flatMap((one) => {
    const other = others.get(keyOf(one));
    return other ? [{ task: one.instance_id, a: isResolved(one), b: isResolved(other) }] : [];
  });
  if (pairs.length === 0) throw new InputError('compare: expected a task that is in both files; found none');
  const count = (inA: boolean, inB: boolean) =>
    pairs.filter((pair) => pair.a === inA && pair.b === inB).length;
  const tasks = groupBy(pairs, ({ task }) => task);
  const sums = tasks.map((own) => own.reduce((sum, pair) => sum + Number(pair.b) - Number(pair.a), 0));
  const shares = sums.map((sum, index) => sum / (tasks[index]?.length ?? 1));
  return {
    tasks: tasks.length,
    pairs: pairs.length,
    onlyA: count(true, false),
    onlyB: count(false, true),
    both: count(true, true),
    neither: count(false, false),
    difference: shares.reduce((sum, share) => sum + share, 0) / shares.length,
    ...pairedInterval(shares),
    p: signFlipTest(sums),
  };
}

function keyOf({ instance_id, repeat }: Result): string {
  return `${instance_id} ${repeat}`;
}

export function renderComparison(a: readonly Result[], b: readonly Result[]): string[] {
  const compared = compareResults(a, b);
  const { tasks, pairs, onlyA, onlyB, both, neither, difference, low, high, p } = compared;
  const paired = new Set(a.map(keyOf));
  const inBoth = new Set(b.map(keyOf).filter((key) => paired.has(key)));
  const of = (results: readonly Result[], field: 'dollars' | 'turns' | 'minutes') =>
    results.filter((result) => inBoth.has(keyOf(result))).reduce((sum, result) => sum + result[field], 0) /
    pairs;
  return [
    `${pairs} pairs of attempts at ${tasks} tasks: both resolved ${both}, only A ${onlyA}, only B ${onlyB}, neither ${neither}.`,
    `B minus A: ${percent(difference)}, 95 % interval ${percent(low)} to ${percent(high)}, exact p = ${p.toPrecision(2)}.`,
    '',
    ...renderTable(
      ['mean per attempt', 'A', 'B'],
      (['dollars', 'turns', 'minutes'] as const).map((field) => [
        field,
        of(a, field).toFixed(3),
        of(b, field).toFixed(3),
      ]),
    ),
  ];
}
