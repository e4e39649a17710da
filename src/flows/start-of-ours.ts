import type { Task } from '../task/task.js';

/** What the bot's own commit is told apart from: neither what people pushed nor what was merged in is its doing. */
export function startOfOurs({ base, start: { commit, parents } }: Task): string {
  return parents.length > 1 ? commit : (parents[0] ?? base.commit);
}
