import type { Octokit } from '@octokit/rest';
import { z } from 'zod';

/** What is written into one thread of a review. */
export interface ThreadAnswer {
  /** GitHub's node id. */
  thread: string;
  text: string;
}

const query = `query ($id: ID!) {
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

const reply = `mutation ($id: ID!, $body: String!) {
  addPullRequestReviewThreadReply(input: { pullRequestReviewThreadId: $id, body: $body }) { comment { id } }
}`;
const resolve = `mutation ($id: ID!) {
  resolveReviewThread(input: { threadId: $id }) { thread { id } }
}`;

/**
 * Answers a thread, once: an answer of ours with this marker is found, not repeated.
 * @returns false when the thread is gone
 */
export async function answerThread(
  octokit: Octokit,
  marker: string,
  { thread: id, text }: ThreadAnswer,
): Promise<boolean> {
  const { node } = Thread.parse(await octokit.graphql(query, { id }));
  if (!node) return false;
  const answered = node.comments.nodes.some(
    (comment) => comment.viewerDidAuthor && comment.body.includes(marker),
  );
  if (!answered) await octokit.graphql(reply, { id, body: `${text}\n\n${marker}` });
  return true;
}

/** GitHub holds this to be a change of contents: the token has to be good for it. */
export async function resolveThread(octokit: Octokit, id: string): Promise<void> {
  await octokit.graphql(resolve, { id });
}
