import type { Task } from '../../task/task.js';

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
