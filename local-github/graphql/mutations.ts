import type { Json } from '../answer.js';
import type { InstallationToken } from '../app/tokens.js';
import { setDraft } from '../changes/pull-requests.js';
import { replyToThread } from '../changes/reviews.js';
import type { Context } from '../context.js';
import type { Repository } from '../state.js';
import { findPullById, findThreadById, graphComment, graphPull, graphThread } from './graph-objects.js';

/**
 * An error of a GraphQL resolver. As on GitHub, the response has HTTP status 200, and its error contains the
 * `type`.
 */
export class GraphqlRefusal extends Error {
  constructor(
    readonly type: 'NOT_FOUND' | 'FORBIDDEN' | 'UNPROCESSABLE',
    message: string,
  ) {
    super(message);
    this.name = 'GraphqlRefusal';
  }
}

export interface GraphqlCall {
  context: Context;
  token: InstallationToken;
}

type Input = { input: Record<string, string> };
type Mutation = (input: Input, call: GraphqlCall) => Json;

/** The resolvers of GraphQL mutations. */
export const mutations: Record<string, Mutation> = {
  convertPullRequestToDraft: ({ input }, call) => toggleDraft(input, call, true),
  markPullRequestReadyForReview: ({ input }, call) => toggleDraft(input, call, false),
  resolveReviewThread: ({ input }, call) => {
    const { context } = call;
    const found = findThread(input.threadId, call);
    // For this mutation, GitHub requires `contents: write`. `pull_requests: write` is not enough.
    require(call, 'contents');
    if (!found.thread.resolvedBy) found.thread.resolvedBy = context.app.bot;
    return { clientMutationId: input.clientMutationId, thread: graphThread(context, found) };
  },
  addPullRequestReviewThreadReply: ({ input }, call) => {
    const { context } = call;
    const found = findThread(input.pullRequestReviewThreadId, call);
    require(call, 'pull_requests');
    const body = input.body ?? '';
    if (body.trim() === '') throw new GraphqlRefusal('UNPROCESSABLE', "Body can't be blank");
    replyToThread(context, found.repository, found.issue, found.thread, body, context.app.bot).catch(
      (error: unknown) => {
        context.violations.push(`the delivery of pull_request_review_comment failed: ${error}`);
      },
    );
    const comment = found.thread.comments.at(-1);
    return {
      clientMutationId: input.clientMutationId,
      comment: comment && graphComment(context, found, comment),
    };
  },
};

/**
 * Converts a pull request to a draft or back. GitHub requires `contents: write` in addition to
 * `pull_requests: write`, see https://github.com/cli/cli/discussions/6924.
 */
function toggleDraft(input: Input['input'], call: GraphqlCall, draft: boolean): Json {
  const { context } = call;
  const found = findPullById(context, input.pullRequestId ?? '');
  if (!found || !covers(call, found.repository)) throw unresolved(input.pullRequestId);
  require(call, 'pull_requests');
  require(call, 'contents');
  if (found.issue.state === 'closed') throw new GraphqlRefusal('UNPROCESSABLE', 'Pull request is closed');
  setDraft(context, found.repository, found.issue, draft, context.app.bot).catch((error: unknown) => {
    context.violations.push(`the delivery of pull_request failed: ${error}`);
  });
  return { clientMutationId: input.clientMutationId, pullRequest: graphPull(context, found) };
}

function findThread(id: string | undefined, call: GraphqlCall) {
  const found = findThreadById(call.context, id ?? '');
  if (!found || !covers(call, found.repository)) throw unresolved(id);
  return found;
}

function covers({ token }: GraphqlCall, repository: Repository): boolean {
  if (repository.owner !== token.installation.account) return false;
  return !token.repositories || token.repositories.includes(repository.id);
}

function require({ token }: GraphqlCall, permission: string): void {
  if (token.permissions[permission] !== 'write')
    throw new GraphqlRefusal('FORBIDDEN', 'Resource not accessible by integration');
}

function unresolved(id: string | undefined): GraphqlRefusal {
  return new GraphqlRefusal('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`);
}
