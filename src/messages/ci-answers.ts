import type { RecordedEvent } from '../database/run-store.js';
import { lastEvent } from '../runs/last-event.js';
import type { Words } from '../text/old/words.js';

/** What failed, and what became of it, a line for each check; '' for a run that is about none. */
export function renderCiAnswers(
  events: readonly RecordedEvent[],
  commit: string | null,
  words: Words,
): string {
  const found = lastEvent(events, 'checks-failed');
  if (!found) return '';
  const answers = lastEvent(events, 'checks-answered')?.answers ?? [];
  const lines = found.failed.map(({ name, unread }, index) => {
    const answer = answers[index]?.name === name ? answers[index] : undefined;
    const said = answer && `${answer.done ? `done in ${commit}` : 'not done'}: ${words.line(answer.text)}`;
    return [words.line(name), said, unread && `read without its log (${words.line(unread)})`];
  });
  lines.push(
    ...found.onBase.map((name) => [words.line(name), 'left to people: it fails on the base branch too']),
  );
  const list = lines.map((parts) => `- ${parts.filter(Boolean).join(' · ')}`).join('\n');
  return `**Checks that failed on ${found.head.slice(0, 10)}:**\n\n${list}`;
}

/** Where failed checks start no run. */
export function renderUnfixedChecks(headSha: string, reason: string, words: Words): string {
  return `**Left to people:** ${words.line(reason)}.\n\nNothing was done about it on ${headSha.slice(0, 10)}. Comment \`/implement\` with what is wanted to have me look at it.`;
}
