import type { GitStore } from './git-store.js';
import { hostGit } from './host-git.js';
import type { Merge } from './workspace.js';

/**
 * The identity and the date are fixed, so that every machine makes the same commit from the same input.
 */
export const snapshotIdentity = {
  name: 'pullwright',
  email: 'pullwright@localhost',
  date: '@946684800 +0000',
};

/**
 * Merges two commits without a work tree or an index. Git therefore runs no program that the repository
 * configures.
 * @returns the merge commit, which is in the store
 */
export async function mergeBranches(store: GitStore, ours: string, theirs: string): Promise<Merge> {
  const flags = ['--write-tree', '--name-only', '--no-messages', '-z'];
  // If there are conflicts, git exits with 1 and lists their paths after the tree's id. simple-git does not
  // treat this as an error, because stderr is empty.
  const answer = await hostGit(store).raw('merge-tree', ...flags, ours, theirs);
  const [tree = '', ...conflicts] = answer.split('\0').filter(Boolean);
  const git = hostGit({ ...store, identity: snapshotIdentity, input: 'merge\n' });
  const commit = await git.raw('commit-tree', tree, '-p', ours, '-p', theirs, '-F', '-');
  return { commit: commit.trim(), conflicts: [...new Set(conflicts)] };
}

/** @returns the newest common ancestor; null if the two commits have none */
export async function findMergeBase(store: GitStore, one: string, other: string): Promise<string | null> {
  const found = await hostGit(store).raw('merge-base', one, other);
  return found.trim() || null;
}
