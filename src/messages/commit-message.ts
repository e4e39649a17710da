import type { Submission } from '../runs/work.js';
import type { Task } from '../task/task.js';
import { escapeOnly, type UntrustedText } from '../text/untrusted-text.js';

/** The one commit of a run: what was done, for which issue, on whose request. */
export function commitMessage(
  task: Task,
  submission: Submission | null,
  webHost: string,
  untrusted: UntrustedText = escapeOnly,
): string {
  const title = untrusted.title(submission?.title ?? `Work on: ${task.issue.title}`, 72);
  // Wrapped first: what is only words within a line may be a trailer or a command at its start.
  const body = submission ? `${untrusted.plain(wrap(submission.summary), 2000)}\n\n` : '';
  const { login, id } = task.requester;
  return `${title}\n\n${body}Issue: #${task.issue.number}\nCo-authored-by: ${login} <${id}+${login}@users.noreply.${webHost}>\n`;
}

function wrap(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/(.{1,76})(?:\s+|$)/g, '$1\n').trimEnd())
    .join('\n');
}
