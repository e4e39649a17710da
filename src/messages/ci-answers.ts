import type { RefusalReason } from '../runs/refusal-reason.js';
import { lastEvent, type RecordedEvent } from '../runs/run-event.js';
import type { UntrustedText } from '../text/untrusted-text.js';
import { describeRefusal } from './refusals.js';

/**
 * Lists the checks that failed and what the run did about each of them.
 * @returns '' if the run was not started for failed checks
 */
export function renderCiAnswers(
  events: readonly RecordedEvent[],
  commit: string | null,
  untrusted: UntrustedText,
): string {
  const found = lastEvent(events, 'checks-failed');
  if (!found) return '';
  const answers = lastEvent(events, 'checks-answered')?.answers ?? [];
  const failed = found.failed.map(({ name, unread }, index) => {
    const answer = answers[index]?.name === name ? answers[index] : undefined;
    const result = answer?.done ? `done${commit === null ? '' : ` in ${commit}`}` : 'not done';
    return [
      untrusted.line(name),
      answer && `${result}: ${untrusted.line(answer.text)}`,
      unread && `its log could not be read (${untrusted.line(unread)})`,
    ];
  });
  const onBase = found.onBase.map((name) => [
    untrusted.line(name),
    'not changed: this check also fails on the base branch',
  ]);
  const lines = [...failed, ...onBase].map((parts) => `- ${parts.filter(Boolean).join(' · ')}`);
  return `**Checks that failed on ${found.head.slice(0, 10)}:**\n\n${lines.join('\n')}`;
}

/** Renders the comment that says that CI failed and why no run was started. */
export function renderUnfixedChecks(
  headSha: string,
  reason: RefusalReason,
  untrusted: UntrustedText,
): string {
  const text = untrusted.line(describeRefusal(reason));
  return `**CI failed on ${headSha.slice(0, 10)}, and I did not start a run.** ${text}\n\nComment \`/implement\` with instructions if you want me to look at it.`;
}
