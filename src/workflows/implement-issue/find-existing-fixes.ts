import { listClosingPullRequests } from '../../github/issues.js';
import type { ExistingFix } from '../../runs/refusal-reason.js';
import type { Repository } from '../../task/task.js';
import type { Mirror } from '../../workspace/workspace.js';
import type { Dependencies } from '../dependencies.js';

/**
 * Finds work that already closes the issue: someone else's open pull request, a merged pull request, or a
 * commit on the base branch.
 * @param own the bot's own pull request for this issue, which is ignored while it is open
 */
export async function findExistingFixes(
  { github }: Pick<Dependencies, 'github'>,
  mirror: Mirror,
  repository: Repository,
  issue: number,
  base: string,
  own: { pullRequest: number | null },
): Promise<ExistingFix[]> {
  const fixes: ExistingFix[] = [];
  for (const { number, state, author } of await listClosingPullRequests(github, repository, issue))
    if (state === 'MERGED') fixes.push({ kind: 'merged-pull-request', number });
    else if (state === 'OPEN' && number !== own.pullRequest)
      fixes.push({ kind: 'open-pull-request', number, author: author?.login ?? null });
  const commit = await mirror.findClosingCommit(base, issue);
  // A merged pull request may contain this commit. Therefore, list the commit only if there is no merged pull
  // request.
  if (commit && !fixes.some(({ kind }) => kind === 'merged-pull-request'))
    fixes.push({ kind: 'commit', commit });
  return fixes;
}
