import type { Mirror } from '../../workspace/workspace.js';

/**
 * Why nothing can be pushed to the bot's branch, and what can be done about it; null: it is as the bot left it, or not there. The push
 * would refuse too, but only when all is spent.
 * @param expected what the branch has to hold; null: nothing
 */
export async function findForeignCommits(
  mirror: Mirror,
  branch: string,
  expected: string | null,
  { pullRequest }: { pullRequest: number | null },
): Promise<string | null> {
  const head = await mirror.resolve(branch);
  if (!head || head.commit === expected) return null;
  const free = 'rename or delete that branch';
  if (expected === null)
    return `there is a branch ${branch} that I did not push; ${free}, then \`/implement\` again`;
  const where = pullRequest === null ? 'the pull request' : `#${pullRequest}`;
  return `people have pushed to ${branch} since my last commit, and I overwrite nothing of theirs; a review of ${where}, or \`/implement\` with words there, goes on from what they did. To begin anew, ${free} first`;
}
