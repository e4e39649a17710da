import { listClosingPullRequests } from '../../github/issues.js';
import type { ExistingFix } from '../../runs/refusal-reason.js';
import type { Repository } from '../../task/task.js';
import type { Mirror } from '../../workspace/workspace.js';
import type { Dependencies } from '../dependencies.js';

/**
 * What closes the issue already: someone else's open pull request, a merged one, or a commit on the base
 * branch.
 * @param own the bot's own pull request for this issue, which is updated instead
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
  // A merged pull request has such a commit, too.
  if (commit && !fixes.some(({ kind }) => kind === 'merged-pull-request'))
    fixes.push({ kind: 'commit', commit });
  return fixes;
}
