import type { Octokit } from '@octokit/rest';
import type { Trigger } from '../task/task.js';
import { parseCommand } from '../webhooks/parse-command.js';

/**
 * Whether what was asked for is no longer asked for: the label is off again, the comment gone or no command any more, the
 * issue closed since. For deliveries that come late, or out of their order.
 */
export async function isRetracted(octokit: Octokit, trigger: Trigger): Promise<boolean> {
  const { owner, name: repo } = trigger.repository;
  try {
    if (trigger.kind === 'command' || trigger.kind === 'answer') {
      const { data } = await octokit.rest.issues.getComment({ owner, repo, comment_id: trigger.commentId });
      if (trigger.kind === 'answer') return false;
      if (parseCommand(data.body ?? '')?.name !== 'implement') return true;
    } else if (trigger.kind !== 'label') return false;
    const { data } = await octokit.rest.issues.get({ owner, repo, issue_number: trigger.issue.number });
    // Who asked when it was closed already is told so, by a step behind this one.
    if (data.state !== 'open' && trigger.refusalReason === null) return true;
    if (trigger.kind === 'command') return false;
    const names = data.labels.map((label) => (typeof label === 'string' ? label : (label.name ?? '')));
    return !names.some((name) => name.toLowerCase() === trigger.label.toLowerCase());
  } catch (error) {
    const { status } = error as { status?: number };
    if (status === 404 || status === 410) return true;
    throw error;
  }
}
