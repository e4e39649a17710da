import type { Task } from '../../task/task.js';

/**
 * Returns the commit to compare the bot's change with. This commit already contains the commits that people
 * pushed. If the base branch was merged, the commit contains the merge. Therefore, the comparison shows only
 * the bot's change.
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
