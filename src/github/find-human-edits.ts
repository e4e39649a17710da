import type { Octokit } from '@octokit/rest';
import { z } from 'zod';
import type { Repository } from '../task/task.js';

const query = `query ($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      renamed: timelineItems(itemTypes: [RENAMED_TITLE_EVENT], last: 1) {
        nodes { ... on RenamedTitleEvent { actor { __typename login } } }
      }
      drafted: timelineItems(itemTypes: [CONVERT_TO_DRAFT_EVENT], last: 1) {
        nodes { ... on ConvertToDraftEvent { actor { __typename login } } }
      }
    }
  }
}`;

const Events = z.object({
  nodes: z.array(z.object({ actor: z.object({ __typename: z.string(), login: z.string() }).nullable() })),
});
const Answer = z.object({
  repository: z.object({ pullRequest: z.object({ renamed: Events, drafted: Events }) }),
});

/** Whether it was somebody else than the bot who last changed the title, and who last made a draft of it. */
export async function findHumanEdits(
  octokit: Octokit,
  { owner, name }: Repository,
  number: number,
  bot: string,
): Promise<{ title: boolean; draft: boolean }> {
  const answer: unknown = await octokit.graphql(query, { owner, name, number });
  const { renamed, drafted } = Answer.parse(answer).repository.pullRequest;
  const byOthers = ({ nodes: [last] }: z.infer<typeof Events>) =>
    last !== undefined && !(last.actor?.__typename === 'Bot' && `${last.actor.login}[bot]` === bot);
  return { title: byOthers(renamed), draft: byOthers(drafted) };
}
