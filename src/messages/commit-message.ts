import type { Submission } from '../runs/work.js';
import type { Task } from '../task/task.js';
import type { UntrustedText } from '../text/untrusted-text.js';

/**
 * Writes the message of a run's commit. It says what the agent did, for which issue, and who requested it.
 */
export function commitMessage(
  task: Task,
  submission: Submission | null,
  webHost: string,
  untrusted: UntrustedText,
): string {
  const title = untrusted.title(submission?.title ?? `Work on: ${task.issue.title}`, 72);
  // Wrap the text before escaping it, because wrapping can move a word to the start of a line. There, GitHub
  // or git could read it as a command or a trailer.
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
