import type { Task } from '../../task/task.js';

/**
 * The commit that the bot's own change is compared with: people's commits and a merged base are not part of
 * that change.
 */
export function diffBase({ base, start: { commit, parents } }: Task): string {
  return parents.length > 1 ? commit : (parents[0] ?? base.commit);
}

/** The commit that the remote branch has to be at when the bot pushes; null: the branch must not exist. */
export function pushLease(
  { base, start }: Pick<Task, 'base' | 'start'>,
  pushedCommit: string | null,
): string | null {
  const [parent = base.commit] = start.parents;
  return parent === base.commit ? pushedCommit : parent;
}
