import type { Submission } from '../runs/work.js';
import type { Task } from '../task/task.js';
import type { UntrustedText } from '../text/untrusted-text.js';

/**
 * Writes the message of a run's commit. It says what the agent did, for which issue, and who requested it. On
 * a pull request, the agent's summary describes the whole pull request, so its answers say what this commit
 * does.
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
  const said = submission ? describe(submission, task.pullRequest !== null) : '';
  const body = said === '' ? '' : `${untrusted.plain(wrap(said), 2000)}\n\n`;
  const { login, id } = task.requester;
  return `${title}\n\n${body}Issue: #${task.issue.number}\nCo-authored-by: ${login} <${id}+${login}@users.noreply.${webHost}>\n`;
}

function describe({ summary, answers }: Submission, isFollowUp: boolean): string {
  if (!isFollowUp) return summary;
  return answers.flatMap(({ done, text }) => (done ? [`- ${text.replace(/\s+/g, ' ')}`] : [])).join('\n');
}

function wrap(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/(.{1,76})(?:\s+|$)/g, '$1\n').trimEnd())
    .join('\n');
}
