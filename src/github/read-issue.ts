import type { Octokit } from '@octokit/rest';
import { z } from 'zod';
import type { Repository } from '../task/task.js';

/** What REST does not tell: when a body was edited, or a title. */
const query = `query ($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    issue(number: $number) {
      lastEditedAt
      timelineItems(itemTypes: [RENAMED_TITLE_EVENT], last: 1) { nodes { ... on RenamedTitleEvent { createdAt } } }
    }
  }
}`;

const Edits = z.object({
  repository: z.object({
    issue: z.object({
      lastEditedAt: z.string().nullable(),
      timelineItems: z.object({ nodes: z.array(z.object({ createdAt: z.string() })) }),
    }),
  }),
});

/** When the issue's title or body were last edited; null: never. */
export async function readEdits(
  octokit: Octokit,
  { owner, name }: Repository,
  number: number,
): Promise<string | null> {
  const { issue } = Edits.parse(await octokit.graphql(query, { owner, name, number })).repository;
  const times = [issue.lastEditedAt, ...issue.timelineItems.nodes.map(({ createdAt }) => createdAt)];
  return (
    times
      .filter((time) => time !== null)
      .sort()
      .at(-1) ?? null
  );
}

const perPage = 100;
const maxPages = 3;

/** The issue's newest events, oldest first; at least the last hundred, where there are so many. */
export async function readLastEvents(
  octokit: Octokit,
  { owner, name: repo }: Repository,
  number: number,
): Promise<unknown[]> {
  const readPage = (page: number) =>
    octokit.rest.issues.listEvents({ owner, repo, issue_number: number, per_page: perPage, page });
  const first = await readPage(1);
  const last = Number(/[?&]page=(\d+)[^>]*>; rel="last"/.exec(first.headers.link ?? '')?.[1] ?? 1);
  const pages: unknown[][] = [];
  for (let page = Math.max(2, last - maxPages + 2); page <= last; page++)
    pages.push((await readPage(page)).data);
  return last <= maxPages ? [first.data, ...pages].flat() : pages.flat();
}
