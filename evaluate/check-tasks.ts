import type { Grader } from './grade/grade.js';
import type { Task } from './task.js';

/**
 * Grades the merged fix of each task, and the code without it. Only a task that tells them apart is useful.
 * @returns the exit code: 1 if a task does not
 */
export async function checkTasks(
  grader: Grader,
  tasks: readonly Task[],
  mirrorOf: (repo: string) => string,
  print: (line: string) => void,
): Promise<number> {
  let useless = 0;
  for (const task of tasks) {
    const mirror = mirrorOf(task.repo);
    const grade = (patch: string) => grader.grade(task, { mirror, candidate: { patch } });
    const [without, withFix] = [await grade(''), await grade(task.patch)];
    const faults = [
      ...(without.resolved ? ['it is resolved without a change'] : []),
      ...(withFix.resolved ? [] : [`its own fix does not resolve it: ${withFix.reason}`]),
    ];
    if (faults.length > 0) useless += 1;
    print(`${task.instance_id}: ${faults.join('; ') || 'good'}`);
  }
  return useless === 0 ? 0 : 1;
}
