import { type FailedCheck, listFailedChecks } from '../../github/checks.js';
import { readPull } from '../../github/pulls.js';
import type { Repository } from '../../task/task.js';
import type { Dependencies } from '../dependencies.js';

const maxNames = 20;

/** The failed checks of the bot's commit. */
export interface CiFailures {
  /** These checks fail only with this change. */
  ours: FailedCheck[];
  /** These checks also fail on the base branch. */
  onBase: FailedCheck[];
}

/**
 * Finds the failed checks of a commit, and which of them also fail on the base branch.
 * @param number the number of the pull request
 */
export async function findCiFailures(
  { github, config }: Pick<Dependencies, 'github' | 'config'>,
  repository: Repository,
  number: number,
  headSha: string,
): Promise<CiFailures> {
  const pull = await readPull(github, repository, number);
  const failed = await listFailedChecks(github, repository, headSha, config.appId);
  if (failed.length === 0) return { ours: [], onBase: [] };
  // Read the checks of the pull request's base commit and of the newest commit on the base branch. If a check
  // fails on either of them, this change did not break it.
  const before = new Set<string>();
  for (const ref of [pull.baseSha, `heads/${pull.baseRef}`])
    for (const { name } of await listFailedChecks(github, repository, ref, config.appId)) before.add(name);
  return {
    ours: failed.filter(({ name }) => !before.has(name)),
    onBase: failed.filter(({ name }) => before.has(name)),
  };
}

/** Returns the names of the checks in one line: at most twenty names, then how many more there are. */
export function listNames(checks: readonly FailedCheck[]): string {
  const all = checks.map(({ name, conclusion }) =>
    conclusion === 'timed_out' ? `${name} (timed out)` : name,
  );
  // Checks of different Apps can have the same name. List each name once.
  const names = [...new Set(all)];
  const more = names.length - maxNames;
  return [...names.slice(0, maxNames), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
