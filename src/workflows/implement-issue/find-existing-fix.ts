import type { Octokit } from '@octokit/rest';
import { z } from 'zod';
import type { Repository } from '../../task/task.js';
import type { Mirror } from '../../workspace/workspace.js';

/** Pull requests that say they close the issue, as GitHub itself has linked them. */
const query = `query ($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    issue(number: $number) {
      closedByPullRequestsReferences(first: 20, includeClosedPrs: true) {
        nodes { number state author { login } }
      }
    }
  }
}`;
const Answer = z.object({
  repository: z.object({
    issue: z.object({
      closedByPullRequestsReferences: z.object({
        nodes: z.array(
          z.object({
            number: z.number(),
            state: z.string(),
            author: z.object({ login: z.string() }).nullable(),
          }),
        ),
      }),
    }),
  }),
});

/**
 * What is there already for the issue, a clause each: another's pull request, one that was merged, a commit that closes it. Looked for before anything is spent.
 * @param ours the bot's own pull request for this issue, which is brought up to date instead
 */
export async function findExistingFix(
  octokit: Octokit,
  mirror: Mirror,
  { owner, name }: Repository,
  issue: number,
  base: string,
  ours: { pullRequest: number | null },
): Promise<string[]> {
  const answer: unknown = await octokit.graphql(query, { owner, name, number: issue });
  const pulls = Answer.parse(answer).repository.issue.closedByPullRequestsReferences.nodes;
  const found = pulls.flatMap(({ number, state, author }) => {
    if (state === 'MERGED') return [`#${number} was merged and closes it`];
    const own = number === ours.pullRequest;
    return state === 'OPEN' && !own
      ? [`#${number} by ${author?.login ?? 'someone'} is open and closes it`]
      : [];
  });
  const commit = await mirror.findClosingCommit(base, issue);
  if (commit && !found.some((one) => one.includes('was merged')))
    found.push(`the commit ${commit.slice(0, 10)} says that it closes it`);
  return found;
}
