import { findComment } from '../../github/comments.js';
import type { GitHub } from '../../github/github.js';
import { findIssue } from '../../github/issues.js';
import type { Trigger } from '../../task/task.js';
import { parseCommand } from '../../webhooks/parse-command.js';

/**
 * Whether a request was withdrawn: its label was removed, its comment was deleted or edited, or its issue was
 * closed. Needed for deliveries that arrive late or out of order.
 */
export async function isRetracted(github: GitHub, trigger: Trigger): Promise<boolean> {
  const { repository } = trigger;
  if (trigger.kind === 'command' || trigger.kind === 'answer') {
    const comment = await findComment(github, repository, trigger.commentId);
    if (comment === null) return true;
    if (trigger.kind === 'answer') return false;
    if (parseCommand(comment.body ?? '')?.name !== 'implement') return true;
  } else if (trigger.kind !== 'label') return false;
  const issue = await findIssue(github, repository, trigger.issue.number);
  if (issue === null) return true;
  // A request on an issue that was closed already gets its refusal later.
  if (!issue.isOpen && trigger.refusalReason === null) return true;
  if (trigger.kind === 'command') return false;
  const label = trigger.label.toLowerCase();
  return !issue.labels.some((name) => name.toLowerCase() === label);
}
