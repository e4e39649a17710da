import { z } from 'zod';
import type { Repository } from '../task/task.js';
import type { GitHub } from './github.js';

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

/**
 * Finds changes by people. `title` is true if a person made the latest change of the title. `draft` is true
 * if a person made the latest conversion to a draft.
 */
export async function findHumanEdits(
  github: GitHub,
  repository: Repository,
  number: number,
): Promise<{ title: boolean; draft: boolean }> {
  const { owner, name } = repository;
  const { login: bot } = await github.bot();
  const answer: unknown = await github.call(repository, 'read what people changed', (octokit) =>
    octokit.graphql(query, { owner, name, number }),
  );
  const { renamed, drafted } = Answer.parse(answer).repository.pullRequest;
  const isByHuman = ({ nodes: [last] }: z.infer<typeof Events>) =>
    last !== undefined && !(last.actor?.__typename === 'Bot' && `${last.actor.login}[bot]` === bot);
  return { title: isByHuman(renamed), draft: isByHuman(drafted) };
}
