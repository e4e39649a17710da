import { z } from 'zod';
import type { Repository, ThreadPlace } from '../task/task.js';
import type { GitHub } from './github.js';

/** A submitted review, and the threads that contain its comments. */
export interface ReadReview {
  state: string;
  body: string;
  threads: ReadThread[];
}

export interface ReadThread {
  id: string;
  path: string;
  /** What the thread is about. */
  place: ThreadPlace;
  /**
   * Login of the user who resolved the thread; null if it is not resolved. A bot's login lacks the suffix
   * `[bot]`.
   */
  resolvedBy: string | null;
  /** Comments of the thread, oldest first. */
  comments: { author: string; body: string; inReview: boolean }[];
}

/** Only GraphQL can return threads with their comments and the review of each comment. */
const reviewQuery = `query ($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviews(last: 100) { nodes { databaseId state body } }
      reviewThreads(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id isOutdated path line startLine originalLine originalStartLine diffSide resolvedBy { login }
          comments(first: 100) {
            nodes { body diffHunk author { __typename login } pullRequestReview { databaseId } }
          }
        }
      }
    }
  }
}`;

const ReviewAnswer = z.object({
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
            startLine: z.number().nullable(),
            originalLine: z.number().nullable(),
            originalStartLine: z.number().nullable(),
            diffSide: z.enum(['LEFT', 'RIGHT']),
            comments: z.object({
              nodes: z.array(
                z.object({
                  body: z.string(),
                  diffHunk: z.string(),
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

/** Five pages contain up to 500 threads. An agent could not answer more threads in one run. */
const maxPages = 5;

/**
 * Reads a review, together with others of the same person that count as parts of it.
 * @param reviewIds the id of the review, followed by those of its other parts
 * @returns the state is that of the first part that was not dismissed; the texts and threads are those of all
 * such parts; null if no part exists any more
 */
export function readReview(
  github: GitHub,
  repository: Repository,
  number: number,
  reviewIds: readonly number[],
): Promise<ReadReview | null> {
  const { owner, name } = repository;
  return github.call(repository, 'read the review', async (octokit) => {
    let after: string | null = null;
    let found: { databaseId: number | null; state: string; body: string }[] = [];
    const threads: ReadThread[] = [];
    for (let page = 1; page <= maxPages; page++) {
      const answer: unknown = await octokit.graphql(reviewQuery, { owner, name, number, after });
      const { pullRequest } = ReviewAnswer.parse(answer).repository;
      const parts = pullRequest.reviews.nodes.filter(({ databaseId }) => reviewIds.includes(databaseId ?? 0));
      const valid = parts.filter(({ state }) => state !== 'DISMISSED');
      found = valid.length > 0 ? valid : parts;
      const ids = new Set(found.map(({ databaseId }) => databaseId));
      const all = pullRequest.reviewThreads.nodes.map((node) => toThread(node, ids));
      threads.push(...all.filter(({ comments }) => comments.some(({ inReview }) => inReview)));
      const { hasNextPage, endCursor } = pullRequest.reviewThreads.pageInfo;
      if (!hasNextPage) break;
      after = endCursor;
    }
    const bodies = found.map(({ body }) => body).filter((body) => body.trim() !== '');
    const [first] = found;
    return first ? { state: first.state.toLowerCase(), body: bodies.join('\n\n'), threads } : null;
  });
}

type ThreadNode = z.infer<typeof ReviewAnswer>['repository']['pullRequest']['reviewThreads']['nodes'][number];

function toThread(node: ThreadNode, reviewIds: ReadonlySet<number | null>): ReadThread {
  const comments = node.comments.nodes.map(({ body, author, pullRequestReview }) => ({
    // GraphQL returns a bot's login without the suffix `[bot]`.
    author: author ? `${author.login}${author.__typename === 'Bot' ? '[bot]' : ''}` : 'ghost',
    body,
    inReview: pullRequestReview !== null && reviewIds.has(pullRequestReview.databaseId),
  }));
  const { id, path, resolvedBy } = node;
  return { id, path, place: toPlace(node), resolvedBy: resolvedBy?.login ?? null, comments };
}

/** An outdated thread has no line in the head commit, only the one where it began. */
function toPlace(node: ThreadNode): ThreadPlace {
  const { line, startLine, originalLine, originalStartLine, isOutdated, diffSide, comments } = node;
  return {
    line: isOutdated ? originalLine : line,
    startLine: isOutdated ? originalStartLine : startLine,
    removed: diffSide === 'LEFT',
    outdated: isOutdated,
    hunk: comments.nodes[0]?.diffHunk ?? '',
  };
}

const threadQuery = `query ($id: ID!) {
  node(id: $id) {
    ... on PullRequestReviewThread { isResolved comments(last: 50) { nodes { body viewerDidAuthor } } }
  }
}`;
const Thread = z.object({
  node: z
    .object({
      isResolved: z.boolean(),
      comments: z.object({ nodes: z.array(z.object({ body: z.string(), viewerDidAuthor: z.boolean() })) }),
    })
    .nullable(),
});

/**
 * Adds the bot's reply to a review thread. Does nothing if the thread already contains the bot's reply with
 * this marker.
 * @param id GitHub's node id of the thread
 * @returns false if the thread no longer exists
 */
export function replyInThread(
  github: GitHub,
  repository: Repository,
  id: string,
  marker: string,
  text: string,
): Promise<boolean> {
  return github.call(
    repository,
    'answer the review',
    async (octokit) => {
      const { node } = Thread.parse(await octokit.graphql(threadQuery, { id }));
      if (!node) return false;
      const isAnswered = node.comments.nodes.some(
        (comment) => comment.viewerDidAuthor && comment.body.includes(marker),
      );
      if (isAnswered) return true;
      const mutation = `mutation ($id: ID!, $body: String!) {
        addPullRequestReviewThreadReply(input: { pullRequestReviewThreadId: $id, body: $body }) { comment { id } }
      }`;
      await octokit.graphql(mutation, { id, body: `${text}\n\n${marker}` });
      return true;
    },
    'write-issues',
  );
}

/**
 * Resolves a review thread. GitHub requires write access to contents for this.
 * @param id GitHub's node id of the thread
 */
export async function resolveThread(github: GitHub, repository: Repository, id: string): Promise<void> {
  const mutation = `mutation ($id: ID!) {
    resolveReviewThread(input: { threadId: $id }) { thread { id } }
  }`;
  await github.call(
    repository,
    'resolve a thread of the review',
    (octokit) => octokit.graphql(mutation, { id }),
    'change-pull-request',
  );
}
