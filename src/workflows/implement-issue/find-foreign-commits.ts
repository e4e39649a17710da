import type { ForeignCommits } from '../../runs/refusal-reason.js';
import type { Mirror } from '../../workspace/workspace.js';

/**
 * Finds commits on the bot's branch that the bot did not push. The run checks this early, because such
 * commits would otherwise make the push fail after the run has spent its budget.
 * @param expected the commit that the branch must point to; null if the branch must not exist
 * @returns null when the branch is as the bot left it, or does not exist
 */
export async function findForeignCommits(
  mirror: Mirror,
  branch: string,
  expected: string | null,
  { pullRequest }: { pullRequest: number | null },
): Promise<ForeignCommits | null> {
  const head = await mirror.resolve(branch);
  if (!head || head.commit === expected) return null;
  return { branch, pullRequest, isForeignBranch: expected === null };
}
