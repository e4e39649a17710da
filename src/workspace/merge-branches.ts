import { hostGit } from './host-git.js';
import type { Store } from './read-changes.js';

/** Two branches put together. */
export interface Merge {
  commit: string;
  /** Paths that both have changed otherwise, and that hold both with marks between; [] for a clean merge. */
  conflicts: string[];
}

/** Fixed, so that the same two commits give the same merge on every machine. */
const identity = { name: 'pullwright', email: 'pullwright@localhost', date: '@946684800 +0000' };

/**
 * Merges two commits as objects only: no work tree, no index, no program that a repository names.
 * @returns the merge, which is in the store
 */
export async function mergeBranches(store: Store, ours: string, theirs: string): Promise<Merge> {
  // With conflicts git ends with 1 and says nothing on standard error: then its answer lists them behind the tree.
  const answer = await hostGit(store).raw(
    'merge-tree',
    '--write-tree',
    '--name-only',
    '--no-messages',
    '-z',
    ours,
    theirs,
  );
  const [tree = '', ...conflicts] = answer.split('\0').filter(Boolean);
  const commit = await hostGit({ ...store, identity, input: 'merge\n' }).raw(
    'commit-tree',
    tree,
    '-p',
    ours,
    '-p',
    theirs,
    '-F',
    '-',
  );
  return { commit: commit.trim(), conflicts: [...new Set(conflicts)] };
}

/** @returns null where the two have no common past */
export async function findMergeBase(store: Store, one: string, other: string): Promise<string | null> {
  const found = await hostGit(store).raw('merge-base', one, other);
  return found.trim() || null;
}
