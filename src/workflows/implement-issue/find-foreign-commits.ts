import { type IssueRecord, readIssue, updateIssue } from '../../database/issues.js';
import type { ForeignCommits } from '../../runs/refusal-reason.js';
import type { IssueKey } from '../../runs/run.js';
import type { Mirror } from '../../workspace/workspace.js';
import type { Dependencies } from '../dependencies.js';

/**
 * If others have only merged the base branch into the bot's branch, counts the result as pushed by the bot.
 * @param base a commit of the base branch
 * @returns the record of the issue as it is then
 */
export async function acceptMerges(
  { db }: Pick<Dependencies, 'db'>,
  mirror: Mirror,
  key: IssueKey,
  { branch, base }: { branch: string; base: string },
): Promise<IssueRecord> {
  const record = await readIssue(db, key);
  const { pushedCommit } = record;
  const head = (await mirror.resolve(branch))?.commit;
  if (!head || !pushedCommit || head === pushedCommit) return record;
  if (!(await mirror.isOnlyMerged(pushedCommit, head, base))) return record;
  await updateIssue(db, key, { pushedCommit: head });
  return { ...record, pushedCommit: head };
}

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
