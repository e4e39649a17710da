import { findComment } from '../../github/comments.js';
import type { GitHub } from '../../github/github.js';
import { findIssue } from '../../github/issues.js';
import type { Trigger } from '../../task/task.js';
import { parseCommand } from '../../webhooks/parse-command.js';

/**
 * Returns whether people withdrew a request: they removed its label, deleted or edited its comment, or closed
 * its issue. This check is needed because deliveries can arrive late or out of order.
 */
export async function isRetracted(github: GitHub, trigger: Trigger): Promise<boolean> {
  const { repository } = trigger;
  if (trigger.kind !== 'command' && trigger.kind !== 'answer' && trigger.kind !== 'label') return false;
  // Without a comment, the request is in the text of the issue, and the trigger contains this text.
  if (trigger.kind !== 'label' && trigger.commentId !== null) {
    const comment = await findComment(github, repository, trigger.commentId);
    if (comment === null) return true;
    if (trigger.kind === 'answer') return false;
    if (parseCommand(comment.body ?? '', (await github.bot()).name)?.name !== 'implement') return true;
  }
  const issue = await findIssue(github, repository, trigger.issue.number);
  if (issue === null) return true;
  // If `refusalReason` is null, the issue was open at the time of the request, so people closed it later. If
  // `refusalReason` is set, a later check refuses the request.
  if (!issue.isOpen && trigger.refusalReason === null) return true;
  if (trigger.kind !== 'label') return false;
  const label = trigger.label.toLowerCase();
  return !issue.labels.some((name) => name.toLowerCase() === label);
}
