import type { Octokit } from '@octokit/rest';
import { z } from 'zod';
import type { Repository } from '../task/task.js';

/** A review as people submitted it, and the threads that it began or went on with. */
export interface ReadReview {
  state: string;
  body: string;
  threads: ReadThread[];
}

export interface ReadThread {
  id: string;
  path: string;
  line: number | null;
  outdated: boolean;
  /** Who resolved it; a bot by its slug, or not at all. Null: nobody. */
  resolvedBy: string | null;
  /** Oldest first; `ours`: of this review. */
  comments: { author: string; body: string; ours: boolean }[];
}

/** The one place where threads, their comments and the reviews that these belong to are told together. */
const query = `query ($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviews(last: 100) { nodes { databaseId state body } }
      reviewThreads(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id isOutdated path line resolvedBy { login }
          comments(first: 100) {
            nodes { body author { __typename login } pullRequestReview { databaseId } }
          }
        }
      }
    }
  }
}`;

const Answer = z.object({
  repository: z.object({
    pullRequest: z.object({
      reviews: z.object({
        nodes: z.array(z.object({ databaseId: z.number().nullable(), state: z.string(), body: z.string() })),
      }),
      reviewThreads: z.object({
        pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
        nodes: z.array(
          z.object({
            id: z.string(),
            isOutdated: z.boolean(),
            resolvedBy: z.object({ login: z.string() }).nullable(),
            path: z.string(),
            line: z.number().nullable(),
            comments: z.object({
              nodes: z.array(
                z.object({
                  body: z.string(),
                  author: z.object({ __typename: z.string(), login: z.string() }).nullable(),
                  pullRequestReview: z.object({ databaseId: z.number().nullable() }).nullable(),
                }),
              ),
            }),
          }),
        ),
      }),
    }),
  }),
});

/** A pull request with more threads than these has a review that no agent could answer in one run. */
const maxPages = 5;

/** @returns null when there is no such review any more */
export async function readReview(
  octokit: Octokit,
  { owner, name }: Repository,
  number: number,
  reviewId: number,
): Promise<ReadReview | null> {
  let after: string | null = null;
  let found: { state: string; body: string } | undefined;
  const threads: ReadThread[] = [];
  for (let page = 1; page <= maxPages; page++) {
    const answer: unknown = await octokit.graphql(query, { owner, name, number, after });
    const { pullRequest } = Answer.parse(answer).repository;
    found ??= pullRequest.reviews.nodes.find(({ databaseId }) => databaseId === reviewId);
    for (const { id, path, line, isOutdated, resolvedBy, comments } of pullRequest.reviewThreads.nodes) {
      const said = comments.nodes.map(({ body, author, pullRequestReview }) => ({
        // GraphQL names a bot by its slug.
        author: author ? `${author.login}${author.__typename === 'Bot' ? '[bot]' : ''}` : 'ghost',
        body,
        ours: pullRequestReview?.databaseId === reviewId,
      }));
      if (said.some(({ ours }) => ours))
        threads.push({
          id,
          path,
          line,
          outdated: isOutdated,
          resolvedBy: resolvedBy?.login ?? null,
          comments: said,
        });
    }
    const { hasNextPage, endCursor } = pullRequest.reviewThreads.pageInfo;
    if (!hasNextPage) break;
    after = endCursor;
  }
  return found ? { state: found.state.toLowerCase(), body: found.body, threads } : null;
}
