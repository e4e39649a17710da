import type { Answer } from '../answer.js';
import { addReaction, announceComment, createComment, editComment } from '../changes/comments.js';
import { Refusal, validationFailed } from '../refusal.js';
import { renderComment, renderReaction } from '../render/issue.js';
import { type Comment, type Issue, nameOf } from '../state.js';
import {
  findIssue,
  issuePermissions,
  type Needs,
  notFound,
  type Operations,
  type RepositoryCall,
} from './operation.js';
import { paginate } from './paginate.js';

const read: Needs = { level: 'read', permissions: issuePermissions };
const write: Needs = { level: 'write', permissions: issuePermissions };

/** REST operations on reactions and on comments of issues and pull requests. */
export const commentOperations: Operations = {
  'issues/list-comments': { by: 'repository', needs: read, handle: listComments },
  'issues/list-comments-for-repo': {
    by: 'repository',
    needs: { level: 'read', permissions: ['issues', 'pull_requests'] },
    handle: listAllComments,
  },
  'issues/create-comment': { by: 'repository', needs: write, handle: create },
  'issues/get-comment': {
    by: 'repository',
    needs: read,
    handle: (call) => {
      const { issue, comment } = findComment(call);
      return { status: 200, body: renderComment(call.context, call.repository, issue, comment) };
    },
  },
  'issues/update-comment': { by: 'repository', needs: write, handle: update },
  'reactions/create-for-issue': {
    by: 'repository',
    needs: write,
    handle: (call) => react(call, findIssue(call)),
  },
  'reactions/create-for-issue-comment': {
    by: 'repository',
    needs: write,
    handle: (call) => react(call, findComment(call).comment),
  },
  'reactions/list-for-issue-comment': {
    by: 'repository',
    needs: read,
    handle: (call) => {
      const { comment } = findComment(call);
      const { content } = call.query;
      const reactions = comment.reactions
        .filter((reaction) => !content || reaction.content === content)
        .map((reaction) => renderReaction(call.context, reaction));
      const path = `/repos/${nameOf(call.repository)}/issues/comments/${comment.id}/reactions`;
      return paginate(call, path, reactions);
    },
  },
};

function listComments(call: RepositoryCall): Answer {
  const { context, repository, query } = call;
  const issue = findIssue(call);
  const comments = issue.comments
    .filter(({ updatedAt }) => !query.since || Date.parse(updatedAt) >= Date.parse(query.since))
    .map((comment) => renderComment(context, repository, issue, comment));
  return paginate(call, `/repos/${nameOf(repository)}/issues/${issue.number}/comments`, comments);
}

/** Lists the comments of all issues and pull requests in a repository, oldest first by default. */
function listAllComments(call: RepositoryCall): Answer {
  const { context, repository, query } = call;
  const by = query.sort === 'updated' ? 'updatedAt' : 'createdAt';
  const sign = query.sort && query.direction !== 'asc' ? -1 : 1;
  const comments = repository.issues
    .filter(({ deleted }) => !deleted)
    .flatMap((issue) => issue.comments.map((comment) => ({ issue, comment })))
    .filter(({ comment }) => !query.since || Date.parse(comment.updatedAt) >= Date.parse(query.since))
    .sort(
      ({ comment: one }, { comment: other }) =>
        sign * (one[by].localeCompare(other[by]) || one.id - other.id),
    )
    .map(({ issue, comment }) => renderComment(context, repository, issue, comment));
  return paginate(call, `/repos/${nameOf(repository)}/issues/comments`, comments);
}

function create(call: RepositoryCall): Answer {
  const { context, repository } = call;
  const issue = findIssue(call);
  if (issue.locked) throw new Refusal(403, 'Unable to create comment because issue is locked.');
  const comment = createComment(context, issue, checkBody(call), context.app.bot);
  announceComment(context, repository, issue, comment).catch((error: unknown) => {
    context.violations.push(`the delivery of issue_comment failed: ${error}`);
  });
  return { status: 201, body: renderComment(context, repository, issue, comment) };
}

/** Edits a comment. As on GitHub, an App with write access may edit the comments of all authors. */
function update(call: RepositoryCall): Answer {
  const { context, repository } = call;
  const { issue, comment } = findComment(call);
  const body = checkBody(call);
  if (body !== comment.body)
    editComment(context, repository, issue, comment, body, context.app.bot).catch((error: unknown) => {
      context.violations.push(`the delivery of issue_comment failed: ${error}`);
    });
  return { status: 200, body: renderComment(context, repository, issue, comment) };
}

function react({ context, body }: RepositoryCall, target: Issue | Comment): Answer {
  const { reaction, isNew } = addReaction(context, target, String(body.content), context.app.bot);
  return { status: isNew ? 201 : 200, body: renderReaction(context, reaction) };
}

function checkBody({ body }: RepositoryCall): string {
  const text = String(body.body ?? '');
  const refuse = (message: string) =>
    validationFailed('IssueComment', { field: 'data', code: 'unprocessable', message });
  if (text.trim() === '') throw refuse('Body cannot be blank');
  if ([...text].length > 65_536) throw refuse('Body is too long (maximum is 65536 characters)');
  return text;
}

function findComment({ repository, params }: RepositoryCall): { issue: Issue; comment: Comment } {
  for (const issue of repository.issues) {
    const comment = issue.comments.find(({ id }) => id === Number(params.comment_id));
    if (comment) return { issue, comment };
  }
  throw notFound();
}
