export interface Interval {
  low: number;
  high: number;
}

/** The quantile of the normal distribution for intervals of 95 %. */
const z95 = 1.959963984540054;

/** Wilson's interval of 95 % for a share. `n` may be fractional. */
export function wilson(share: number, n: number): Interval {
  if (n === 0) return { low: 0, high: 1 };
  const z2 = z95 ** 2;
  const center = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (z95 / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n ** 2));
  return { low: Math.max(0, center - half), high: Math.min(1, center + half) };
}

/**
 * Returns how many independent attempts the attempts at some tasks are worth. Attempts at one task resemble
 * each other, so repeats count less than other tasks do.
 * @param tasks for each task, whether each attempt resolved it
 * @returns at least the number of tasks, at most the number of attempts
 */
export function effectiveAttempts(tasks: readonly (readonly boolean[])[]): number {
  const attempts = tasks.reduce((sum, task) => sum + task.length, 0);
  const resolved = tasks.flat().filter(Boolean).length;
  const share = attempts === 0 ? 0 : resolved / attempts;
  const count = tasks.length;
  if (attempts === count || share === 0 || share === 1 || count < 2) return count;
  // The variance of the share, with tasks as clusters of different sizes.
  const residuals = tasks.map((task) => task.filter(Boolean).length - share * task.length);
  const squares = residuals.reduce((sum, residual) => sum + residual ** 2, 0);
  const variance = (squares * count) / ((count - 1) * attempts ** 2);
  const effective = variance === 0 ? attempts : (share * (1 - share)) / variance;
  return Math.min(attempts, Math.max(count, effective));
}

/**
 * The exact test of whether paired differences are symmetric about zero: the share of all changes of signs
 * that make the sum at least as far from zero. With differences of -1, 0 and 1, this is McNemar's exact test.
 * @param differences whole numbers
 */
export function signFlipTest(differences: readonly number[]): number {
  const moving = differences.filter((difference) => difference !== 0).map(Math.abs);
  const observed = Math.abs(differences.reduce((sum, difference) => sum + difference, 0));
  let chances = new Map([[0, 1]]);
  for (const difference of moving) {
    const next = new Map<number, number>();
    for (const [sum, chance] of chances)
      for (const moved of [sum + difference, sum - difference])
        next.set(moved, (next.get(moved) ?? 0) + chance / 2);
    chances = next;
  }
  let total = 0;
  for (const [sum, chance] of chances) if (Math.abs(sum) >= observed) total += chance;
  return Math.min(1, total);
}

/**
 * An interval of 95 % for the mean of paired differences between -1 and 1. Like Agresti and Min, it adds half
 * a pair to each of the four possible results, so that it is not too narrow for few pairs.
 */
export function pairedInterval(differences: readonly number[]): Interval {
  const n = differences.length + 2;
  const mean = differences.reduce((sum, one) => sum + one, 0) / n;
  const squares = differences.reduce((sum, one) => sum + one ** 2, 1) / n;
  const half = z95 * Math.sqrt(Math.max(0, squares - mean ** 2) / n);
  return { low: Math.max(-1, mean - half), high: Math.min(1, mean + half) };
}
