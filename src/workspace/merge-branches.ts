import type { GitStore } from './git-store.js';
import { hostGit } from './host-git.js';
import type { Merge } from './workspace.js';

/** The identity is fixed, so that the same two commits give the same merge on every machine. */
const identity = { name: 'pullwright', email: 'pullwright@localhost', date: '@946684800 +0000' };

/**
 * Merges two commits without a work tree and an index, so that git runs no program that the repository names.
 * @returns the merge, which is in the store
 */
export async function mergeBranches(store: GitStore, ours: string, theirs: string): Promise<Merge> {
  const flags = ['--write-tree', '--name-only', '--no-messages', '-z'];
  // With conflicts git exits with 1 and lists them after the tree. simple-git accepts that, because stderr is
  // empty.
  const answer = await hostGit(store).raw('merge-tree', ...flags, ours, theirs);
  const [tree = '', ...conflicts] = answer.split('\0').filter(Boolean);
  const git = hostGit({ ...store, identity, input: 'merge\n' });
  const commit = await git.raw('commit-tree', tree, '-p', ours, '-p', theirs, '-F', '-');
  return { commit: commit.trim(), conflicts: [...new Set(conflicts)] };
}

/** @returns null when the two commits have no common ancestor */
export async function findMergeBase(store: GitStore, one: string, other: string): Promise<string | null> {
  const found = await hostGit(store).raw('merge-base', one, other);
  return found.trim() || null;
}
