import type { GitStore } from '../git-store.js';
import { hostGit } from '../host-git.js';

/** Maximum number of merges that are examined. */
const maxMerges = 20;

/**
 * Returns whether the commits from one to another only merge the base branch. Each of them must be the merge
 * that git itself makes, because people can change its result, for example when they resolve a conflict.
 * @param base a commit of the base branch
 */
export async function isOnlyMerged(
  store: GitStore,
  from: string,
  to: string,
  base: string,
): Promise<boolean> {
  const git = async (...args: string[]) => (await hostGit(store).raw(...args)).trim();
  const count = `--max-count=${maxMerges + 1}`;
  const list = await git('rev-list', '--first-parent', '--parents', count, to, `^${from}`);
  const commits = list
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' '));
  if (commits.length > maxMerges || commits.at(-1)?.[1] !== from) return false;
  for (const [commit = '', first = '', second = '', ...more] of commits) {
    if (second === '' || more.length > 0) return false;
    if ((await git('rev-list', '--count', second, `^${base}`)) !== '0') return false;
    const merged = await git('merge-tree', '--write-tree', '--name-only', '--no-messages', first, second);
    if (merged !== (await git('rev-parse', `${commit}^{tree}`))) return false;
  }
  return true;
}
