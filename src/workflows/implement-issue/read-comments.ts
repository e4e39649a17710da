import { listComments } from '../../github/comments.js';
import { hasWriteAccess } from '../../github/permissions.js';
import type { Run } from '../../runs/run.js';
import type { IssueComment } from '../../task/task.js';
import type { Dependencies } from '../dependencies.js';

const maxComments = 30;

/**
 * Reads the issue's newest comments by people with write access. Omits comments that were written or edited
 * after the trigger, because the trigger did not authorize them.
 * @returns the comments, oldest first; `older` is the number of older comments that were not read
 */
export async function readComments(
  { github }: Pick<Dependencies, 'github'>,
  { trigger }: Run,
): Promise<{ comments: IssueComment[]; older: number }> {
  const { repository, issue, at } = trigger;
  const { comments: listed, unread } = await listComments(github, repository, issue.number);
  const command = trigger.kind === 'command' ? trigger.commentId : null;
  const candidates = listed.filter(
    ({ id, user, created_at, updated_at, body }) =>
      id !== command && user?.type === 'User' && created_at <= at && updated_at <= at && body?.trim(),
  );
  const access = new Map<string, boolean>();
  const comments: IssueComment[] = [];
  for (const { user, body, created_at } of candidates.slice(-maxComments)) {
    if (!user) continue;
    if (!access.has(user.login)) access.set(user.login, await hasWriteAccess(github, repository, user));
    if (access.get(user.login))
      comments.push({ author: user.login, body: body ?? '', createdAt: created_at });
  }
  return { comments, older: unread + Math.max(0, candidates.length - maxComments) };
}
