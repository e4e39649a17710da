import type { Json } from '../answer.js';
import type { Context } from '../context.js';
import { followLine } from '../git/diff-places.js';
import { pageOf } from '../render/issue.js';
import { nodeId } from '../render/node-id.js';
import {
  type Account,
  type Issue,
  type IssueEvent,
  isPullRequest,
  nameOf,
  type PullRequest,
  type Repository,
  type ReviewThread,
} from '../state.js';

export interface FoundPull {
  repository: Repository;
  issue: Issue & { pull: PullRequest };
}

export function findPullById({ state }: Context, id: string): FoundPull | null {
  for (const repository of state.repositories)
    for (const issue of repository.issues.filter(isPullRequest))
      if (nodeId('PR', issue.id) === id) return { repository, issue };
  return null;
}

export function findThreadById(
  { state }: Context,
  id: string,
): (FoundPull & { thread: ReviewThread }) | null {
  for (const repository of state.repositories)
    for (const issue of repository.issues.filter(isPullRequest)) {
      const thread = issue.pull.threads.find((candidate) => nodeId('PRRT', candidate.id) === id);
      if (thread) return { repository, issue, thread };
    }
  return null;
}

/**
 * Returns a pull request as an object for GraphQL's default resolvers. A query that asks for a required field
 * which this object lacks is recorded as a violation.
 */
export function graphPull(context: Context, { repository, issue }: FoundPull): Json {
  const { pull } = issue;
  return {
    __typename: 'PullRequest',
    id: nodeId('PR', issue.id),
    databaseId: issue.id,
    number: issue.number,
    title: issue.title,
    body: issue.body ?? '',
    state: pull.mergedAt ? 'MERGED' : issue.state.toUpperCase(),
    isDraft: pull.draft,
    closed: issue.state === 'closed',
    merged: pull.mergedAt !== null,
    url: pageOf(context, repository, issue),
    headRefName: pull.head,
    headRefOid: pull.headSha,
    baseRefName: pull.base,
    baseRefOid: pull.baseSha,
    timelineItems: (wanted: WantedEvents) => graphEvents(issue, wanted),
    reviews: ({ last }: { last?: number }) => ({
      totalCount: pull.reviews.length,
      nodes: pull.reviews.slice(-(last ?? 100)).map((review) => ({
        __typename: 'PullRequestReview',
        id: nodeId('PRR', review.id),
        databaseId: review.id,
        state: review.state.toUpperCase(),
        body: review.body ?? '',
        author: graphActor(review.author),
      })),
    }),
    reviewThreads: () => ({
      totalCount: pull.threads.length,
      nodes: pull.threads.map((thread) => graphThread(context, { repository, issue, thread })),
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    }),
    createdAt: issue.createdAt,
    updatedAt: issue.updatedAt,
    author: graphActor(issue.author),
    repository: {
      __typename: 'Repository',
      id: nodeId('R', repository.id),
      nameWithOwner: nameOf(repository),
    },
  };
}

export function graphIssue(context: Context, repository: Repository, issue: Issue): Json {
  const closing = new RegExp(`\\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):? #${issue.number}\\b`, 'i');
  return {
    closedByPullRequestsReferences: ({ first }: { first?: number }) => ({
      nodes: repository.issues
        .filter(isPullRequest)
        .filter(({ body, pull }) => closing.test(body ?? '') && pull.base === repository.defaultBranch)
        .slice(0, first ?? 10)
        .map((pull) => graphPull(context, { repository, issue: pull })),
    }),
    __typename: 'Issue',
    id: nodeId('I', issue.id),
    number: issue.number,
    title: issue.title,
    body: issue.body ?? '',
    lastEditedAt: issue.editedAt,
    timelineItems: (wanted: WantedEvents) => graphEvents(issue, wanted),
  };
}

const timelineTypes: Partial<Record<IssueEvent['event'], [item: string, name: string]>> = {
  renamed: ['RENAMED_TITLE_EVENT', 'RenamedTitleEvent'],
  convert_to_draft: ['CONVERT_TO_DRAFT_EVENT', 'ConvertToDraftEvent'],
  ready_for_review: ['READY_FOR_REVIEW_EVENT', 'ReadyForReviewEvent'],
};

interface WantedEvents {
  itemTypes?: string[];
  last?: number;
}

function graphEvents({ events }: Issue, { itemTypes = [], last = 100 }: WantedEvents): Json {
  const nodes = events.flatMap(({ event, id, actor, createdAt }) => {
    const [item, name] = timelineTypes[event] ?? [];
    return item && itemTypes.includes(item)
      ? [{ __typename: name, id: nodeId('RTE', id), createdAt, actor: graphActor(actor) }]
      : [];
  });
  return { nodes: nodes.slice(-last) };
}

export function graphThread(context: Context, found: FoundPull & { thread: ReviewThread }): Json {
  const { thread } = found;
  const line = () => findLine(found, thread.line);
  return {
    __typename: 'PullRequestReviewThread',
    id: nodeId('PRRT', thread.id),
    isResolved: thread.resolvedBy !== null,
    isOutdated: async () => thread.line !== null && (await line()) === null,
    isCollapsed: thread.resolvedBy !== null,
    path: thread.path,
    line,
    originalLine: thread.line,
    startLine: () => findLine(found, thread.startLine),
    originalStartLine: thread.startLine,
    diffSide: thread.side,
    startDiffSide: thread.startLine === null ? null : thread.side,
    subjectType: thread.line === null ? 'FILE' : 'LINE',
    resolvedBy: thread.resolvedBy && graphActor(thread.resolvedBy),
    pullRequest: () => graphPull(context, found),
    comments: {
      totalCount: thread.comments.length,
      nodes: thread.comments.map((comment) => graphComment(context, found, comment)),
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    },
  };
}

/** Returns the line in the head commit; null if it changed since the thread began. */
async function findLine(
  { repository, issue, thread }: FoundPull & { thread: ReviewThread },
  line: number | null,
): Promise<number | null> {
  if (line === null || thread.side === 'LEFT') return line;
  return followLine(repository.folder, [thread.commit, issue.pull.headSha], thread.path, line);
}

export function graphComment(
  context: Context,
  { repository, issue, thread }: FoundPull & { thread: ReviewThread },
  comment: ReviewThread['comments'][number],
): Json {
  return {
    __typename: 'PullRequestReviewComment',
    id: nodeId('PRRC', comment.id),
    databaseId: comment.id,
    fullDatabaseId: String(comment.id),
    body: comment.body,
    path: thread.path,
    line: () => findLine({ repository, issue, thread }, thread.line),
    diffHunk: thread.diffHunk,
    createdAt: comment.createdAt,
    updatedAt: comment.createdAt,
    url: `${pageOf(context, repository, issue)}#discussion_r${comment.id}`,
    author: graphActor(comment.author),
    viewerDidAuthor: comment.author === context.app.bot,
    pullRequestReview: { databaseId: comment.reviewId, fullDatabaseId: String(comment.reviewId) },
  };
}

/** Renders an account. Unlike in the REST API, a bot's login has no `[bot]` suffix in GraphQL. */
function graphActor({ login, type }: Account): Json {
  return { __typename: type, login: login.replace(/\[bot\]$/, '') };
}
