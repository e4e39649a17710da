import type { Task } from '../../task/task.js';

/** What the bot's own commit is told apart from: neither what people pushed nor what was merged in is its doing. */
export function diffBase({ base, start: { commit, parents } }: Task): string {
  return parents.length > 1 ? commit : (parents[0] ?? base.commit);
}

/** What the branch has to hold when the bot's commit is pushed; null: there is none yet. */
export function leaseOf(
  { base, start }: Pick<Task, 'base' | 'start'>,
  pushedCommit: string | null,
): string | null {
  const [parent = base.commit] = start.parents;
  return parent === base.commit ? pushedCommit : parent;
}
