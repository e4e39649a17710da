import type { Result } from './results.js';
import type { Task } from './task.js';

export interface RunOptions {
  tasks: readonly Task[];
  /** Number of attempts at each task. */
  repeats: number;
  /** No attempt starts once this much was spent; null for no limit. */
  maxDollars: number | null;
  attempt(task: Task, repeat: number): Promise<Result>;
  save(result: Result): Promise<void>;
  print(line: string): void;
}

/**
 * Attempts every task once, then every task again, until the repeats are done or the money is spent.
 * @returns the results, and whether the money ended the work
 */
export async function runTasks(options: RunOptions): Promise<{ results: Result[]; isStopped: boolean }> {
  const { tasks, repeats, maxDollars, attempt, save, print } = options;
  const results: Result[] = [];
  let spent = 0;
  for (let repeat = 1; repeat <= repeats; repeat++)
    for (const task of tasks) {
      if (maxDollars !== null && spent >= maxDollars) {
        const left = tasks.length * repeats - results.length;
        print(`stopped: $${spent.toFixed(2)} of $${maxDollars} are spent; ${left} attempts were not made`);
        return { results, isStopped: true };
      }
      const result = await attempt(task, repeat);
      await save(result);
      results.push(result);
      spent += result.dollars;
      print(describe(result, spent));
    }
  return { results, isStopped: false };
}

function describe({ instance_id, repeat, outcome, grade, minutes }: Result, spent: number): string {
  const verdict = grade?.resolved ? 'resolved' : `not resolved: ${grade?.reason ?? 'nothing was pushed'}`;
  const text = verdict.replace(/\s+/g, ' ').slice(0, 160);
  return `${instance_id} #${repeat}: ${outcome}, ${text} (${minutes.toFixed(1)} min, $${spent.toFixed(2)} so far)`;
}
