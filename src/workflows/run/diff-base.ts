import type { Task } from '../../task/task.js';

/**
 * Returns the commit to compare the bot's change with. That commit contains people's commits and any merge of
 * the base branch, so the comparison shows neither.
 */
export function diffBase({ base, start: { commit, parents } }: Task): string {
  return parents.length > 1 ? commit : (parents[0] ?? base.commit);
}

/**
 * Returns the commit that the remote branch must point to when the bot pushes; null if the branch must not
 * exist. The push fails if someone else has pushed to the branch.
 */
export function pushLease(
  { base, start }: Pick<Task, 'base' | 'start'>,
  pushedCommit: string | null,
): string | null {
  const [parent = base.commit] = start.parents;
  return parent === base.commit ? pushedCommit : parent;
}
