import { setDraft } from '../changes/pull-requests.js';
import { replyToThread } from '../changes/reviews.js';
import type { Json, Parts } from '../parts.js';
import type { Repository } from '../state.js';
import type { InstallationToken } from '../tokens.js';
import { findPullById, findThreadById, graphComment, graphPull, graphThread } from './graph-objects.js';

/** GraphQL's way to say no: HTTP 200, and `type` in the error. */
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
  parts: Parts;
  token: InstallationToken;
}

type Input = { input: Record<string, string> };
type Mutation = (input: Input, call: GraphqlCall) => Json;

/** The root value: what REST has no operation for. */
export const mutations: Record<string, Mutation> = {
  convertPullRequestToDraft: ({ input }, call) => toggleDraft(input, call, true),
  markPullRequestReadyForReview: ({ input }, call) => toggleDraft(input, call, false),
  resolveReviewThread: ({ input }, call) => {
    const { parts } = call;
    const found = findThread(input.threadId, call);
    // Resolving is held to be a change of contents; `pull_requests: write` does not do.
    require(call, 'contents');
    if (!found.thread.resolvedBy) found.thread.resolvedBy = parts.app.bot;
    return { clientMutationId: input.clientMutationId, thread: graphThread(parts, found) };
  },
  addPullRequestReviewThreadReply: ({ input }, call) => {
    const { parts } = call;
    const found = findThread(input.pullRequestReviewThreadId, call);
    require(call, 'pull_requests');
    const body = input.body ?? '';
    if (body.trim() === '') throw new GraphqlRefusal('UNPROCESSABLE', "Body can't be blank");
    replyToThread(parts, found.repository, found.issue, found.thread, body, parts.app.bot).catch(
      (error: unknown) => {
        parts.violations.push(`delivery pull_request_review_comment: ${error}`);
      },
    );
    const comment = found.thread.comments.at(-1);
    return {
      clientMutationId: input.clientMutationId,
      comment: comment && graphComment(parts, found, comment),
    };
  },
};

/** GitHub asks for `contents: write` too, as several Apps found out: https://github.com/cli/cli/discussions/6924. */
function toggleDraft(input: Input['input'], call: GraphqlCall, draft: boolean): Json {
  const { parts } = call;
  const found = findPullById(parts, input.pullRequestId ?? '');
  if (!found || !covers(call, found.repository)) throw unresolved(input.pullRequestId);
  require(call, 'pull_requests');
  require(call, 'contents');
  if (found.issue.state === 'closed') throw new GraphqlRefusal('UNPROCESSABLE', 'Pull request is closed');
  setDraft(parts, found.repository, found.issue, draft, parts.app.bot).catch((error: unknown) => {
    parts.violations.push(`delivery pull_request: ${error}`);
  });
  return { clientMutationId: input.clientMutationId, pullRequest: graphPull(parts, found) };
}

function findThread(id: string | undefined, call: GraphqlCall) {
  const found = findThreadById(call.parts, id ?? '');
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
