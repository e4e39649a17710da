import type { Delivery } from '../deliveries.js';
import type { Json, Parts } from '../parts.js';
import { renderComment, renderIssue } from '../render/issue.js';
import { sendEvent } from '../send-event.js';
import type { Account, Comment, Issue, Reaction, Repository } from '../state.js';
import { timestamp } from '../timestamp.js';

type Outcome = Promise<Delivery | null>;

export function createComment(parts: Parts, issue: Issue, body: string, author: Account): Comment {
  const now = timestamp(parts);
  const comment = { id: parts.state.nextId(), body, author, createdAt: now, updatedAt: now, reactions: [] };
  issue.comments.push(comment);
  issue.updatedAt = now;
  return comment;
}

export function announceComment(
  parts: Parts,
  repository: Repository,
  issue: Issue,
  comment: Comment,
): Outcome {
  return sendCommentEvent(parts, repository, issue, comment, comment.author, 'created');
}

export function editComment(
  parts: Parts,
  repository: Repository,
  issue: Issue,
  comment: Comment,
  body: string,
  sender: Account,
): Outcome {
  const changes = { body: { from: comment.body } };
  comment.body = body;
  comment.updatedAt = timestamp(parts);
  return sendCommentEvent(parts, repository, issue, comment, sender, 'edited', { changes });
}

/** @returns whether it is new: nobody can put the same one twice */
export function addReaction(
  parts: Parts,
  target: { reactions: Reaction[] },
  content: string,
  user: Account,
): { reaction: Reaction; isNew: boolean } {
  const found = target.reactions.find((other) => other.user === user && other.content === content);
  if (found) return { reaction: found, isNew: false };
  const reaction = { id: parts.state.nextId(), content, user, createdAt: timestamp(parts) };
  target.reactions.push(reaction);
  return { reaction, isNew: true };
}

function sendCommentEvent(
  parts: Parts,
  repository: Repository,
  issue: Issue,
  comment: Comment,
  sender: Account,
  action: string,
  more: Json = {},
): Outcome {
  return sendEvent(parts, 'issue_comment', repository, sender, {
    action,
    issue: renderIssue(parts, repository, issue),
    comment: renderComment(parts, repository, issue, comment),
    ...more,
  });
}
