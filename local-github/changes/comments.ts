import type { Json } from '../answer.js';
import type { Context } from '../context.js';
import { renderComment, renderIssue } from '../render/issue.js';
import type { Account, Comment, Issue, Reaction, Repository } from '../state.js';
import { timestamp } from '../timestamp.js';
import type { Delivery } from '../webhooks/deliveries.js';
import { sendEvent } from '../webhooks/send-event.js';
import { notifyOfText } from './notifications.js';

type Result = Promise<Delivery | null>;

export function createComment(context: Context, issue: Issue, body: string, author: Account): Comment {
  const now = timestamp(context);
  const comment = { id: context.state.nextId(), body, author, createdAt: now, updatedAt: now, reactions: [] };
  issue.comments.push(comment);
  issue.updatedAt = now;
  return comment;
}

export function announceComment(
  context: Context,
  repository: Repository,
  issue: Issue,
  comment: Comment,
): Result {
  notifyOfText(context, repository, issue, comment.author, comment.body);
  return sendCommentEvent(context, repository, issue, comment, comment.author, 'created');
}

export function editComment(
  context: Context,
  repository: Repository,
  issue: Issue,
  comment: Comment,
  body: string,
  sender: Account,
): Result {
  const changes = { body: { from: comment.body } };
  comment.body = body;
  comment.updatedAt = timestamp(context);
  return sendCommentEvent(context, repository, issue, comment, sender, 'edited', { changes });
}

/** Adds a reaction. If the user has already added the same reaction, returns that one with `isNew: false`. */
export function addReaction(
  context: Context,
  target: { reactions: Reaction[] },
  content: string,
  user: Account,
): { reaction: Reaction; isNew: boolean } {
  const found = target.reactions.find((other) => other.user === user && other.content === content);
  if (found) return { reaction: found, isNew: false };
  const reaction = { id: context.state.nextId(), content, user, createdAt: timestamp(context) };
  target.reactions.push(reaction);
  return { reaction, isNew: true };
}

function sendCommentEvent(
  context: Context,
  repository: Repository,
  issue: Issue,
  comment: Comment,
  sender: Account,
  action: string,
  more: Json = {},
): Result {
  return sendEvent(context, 'issue_comment', repository, sender, {
    action,
    issue: renderIssue(context, repository, issue),
    comment: renderComment(context, repository, issue, comment),
    ...more,
  });
}
