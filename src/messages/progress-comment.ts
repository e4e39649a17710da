import type { RecordedEvent, Run } from '../database/run-store.js';
import { lastEvent } from '../runs/last-event.js';
import type { Outcome } from '../runs/outcome.js';
import type { RunEvent } from '../runs/run-event.js';
import type { Trigger } from '../task/task.js';
import type { Words } from '../text/old/words.js';
import { renderCiAnswers } from './ci-answers.js';

/*
 * Every message that the bot writes on an issue. Short: what happened, what it means, what can be done next.
 */

export const progressMarker = '<!-- pullwright:progress -->';

export function renderProgress(run: Run, events: readonly RecordedEvent[], words: Words): string {
  const settled = lastEvent(events, 'settled');
  const commit = lastEvent(events, 'pushed')?.commit ?? null;
  const head = settled
    ? run.workflow === 'answer-review'
      ? renderFollowUpOutcome(settled.outcome, commit, words) + renderUnansweredThreads(run, events)
      : renderOutcome(settled.outcome, words)
    : renderStage(run, events, lastEvent(events, 'queued')?.ahead ?? 0, words);
  return [head, renderCiAnswers(events, commit, words), steps(events, words), footer(run, events)]
    .filter(Boolean)
    .join('\n\n');
}

export function renderRefusal(
  { sender, kind }: Pick<Trigger, 'sender' | 'kind'>,
  reason: string,
  words: Words,
): string {
  if (kind === 'control') return `@${sender.login}, this was not done: ${sentence(reason, words)}`;
  const again =
    kind === 'label'
      ? 'take the label off and put it on again, or comment `/implement`'
      : 'comment `/implement` again';
  // Some say themselves what has to be done next.
  const next = reason.includes('`/implement') ? '' : `\n\nAs soon as that has changed, ${again}.`;
  return `@${sender.login}, this was not started: ${sentence(reason, words)}${next}`;
}

/** What a run is at, on one line, with what it cost and where to look. */
export function renderStatus(
  run: Run,
  events: readonly RecordedEvent[],
  { ahead, link }: { ahead: number; link: string | null },
  words: Words,
): string {
  const settled = lastEvent(events, 'settled');
  const head = settled
    ? renderOutcome(settled.outcome, words).split('\n')[0]
    : renderStage(run, events, ahead, words);
  return [`${head}${link ? ` [All of it](${link})` : ''}`, footer(run, events)].join('\n\n');
}

export function renderReminder(questions: readonly string[], words: Words): string {
  return `**Still open:**\n\n${numbered(questions, words)}\n\nAnswer in a comment, and the work goes on with it.`;
}

export function renderQuestionClosed(): string {
  return '**Closed without an answer.** Nobody answered what was asked here, so I wait for it no longer. `/implement` with what is wanted starts anew.';
}

export function renderHelp(): string {
  return [
    'These I know, alone at the start of a line:',
    '',
    '- `/implement [@agent] [words]` starts a run; on a pull request of mine it asks for more',
    '- `/stop` ends what is going on; `/stop keep` lands what is there as a draft',
    '- `/status` says what is going on',
    '- `/retry` tries the last request again, from where it ended; `/retry from scratch` begins anew',
  ].join('\n');
}

/** @param commit null: it was not done */
export function renderThreadAnswer(text: string, commit: string | null, words: Words): string {
  return `${commit === null ? 'Not done:' : `Done in ${commit}:`} ${words.said(text)}`;
}

function renderOutcome(outcome: Outcome, words: Words): string {
  const again = '`/retry` goes on from where it ended; `/implement` begins anew.';
  switch (outcome.kind) {
    case 'pull-request':
      return `**Done:** #${outcome.number} is ready for review. What was measured is in it.`;
    case 'draft':
      return `**Draft:** #${outcome.number} holds the work so far.\n\n${outcome.reason.map((why) => `- ${words.line(why)}`).join('\n')}\n\nFinish it by hand, or say in a review what is missing: the work goes on from there. \`/implement\` on this issue begins anew, and replaces what is in it.`;
    case 'question':
      return `**A question before this can go on:**\n\n${numbered(outcome.questions, words)}\n\nAnswer in a comment: the work goes on with it by itself.`;
    case 'refusal':
      // Some say themselves what has to be done next.
      return `**No pull request:** ${outcome.reason.includes('`/implement') ? sentence(outcome.reason, words) : `${words.said(outcome.reason)}\n\nAs soon as that has changed, comment \`/implement\`.`}`;
    case 'stopped':
      return `**Stopped:** ${words.said(outcome.reason)}\n\n${again}`;
    case 'failed':
      return `**Failed:** ${words.said(outcome.reason)}\n\n${again}`;
  }
}

/** Said on the pull request itself. */
function renderFollowUpOutcome(outcome: Outcome, commit: string | null, words: Words): string {
  const again = 'Comment `/implement` with what is wanted, or `/retry`.';
  switch (outcome.kind) {
    case 'pull-request':
      return `**Done in ${commit}.** The summary and the evidence above are of this commit.`;
    case 'draft':
      return `**Done in ${commit}, and a draft now:**\n\n${outcome.reason.map((why) => `- ${words.line(why)}`).join('\n')}\n\nFinish it by hand, or say in a review what is missing.`;
    case 'question':
      return renderOutcome(outcome, words);
    case 'refusal':
      return `**No commit:** ${words.said(outcome.reason)}\n\n${again}`;
    case 'stopped':
      return `**Stopped:** ${words.said(outcome.reason)}\n\n${again}`;
    case 'failed':
      return `**Failed:** ${words.said(outcome.reason)}\n\n${again}`;
  }
}

/** One that ended before it came to the review has answered in none of its threads. */
function renderUnansweredThreads({ trigger }: Run, events: readonly RecordedEvent[]): string {
  const isRead = events.some(({ event }) => event.type === 'task-read');
  return trigger.kind === 'review' && !isRead
    ? '\n\nNothing was done about the review, and none of its threads has an answer.'
    : '';
}

function renderStage(run: Run, events: readonly RecordedEvent[], ahead: number, words: Words): string {
  if (run.heldReason) return `**Waiting:** ${run.heldReason}.`;
  const latest = events.at(-1)?.event;
  if (latest?.type === 'waiting')
    return `**Waiting:** ${words.line(latest.reason)}. It goes on by itself at ${new Date(latest.untilMs).toISOString().slice(0, 16).replace('T', ' ')} UTC at the latest.`;
  if (!events.some(({ event }) => event.type === 'started'))
    return ahead === 0
      ? '**Queued:** next in line.'
      : `**Queued:** ${ahead} ${ahead === 1 ? 'run is' : 'runs are'} ahead of this one.`;
  const doing: Partial<Record<RunEvent['type'], string>> = {
    started: 'reading the issue and the repository',
    'task-read': 'cloning and installing dependencies',
    'set-up': 'running the tests on the untouched base',
    scanned: 'pushing',
    pushed: 'opening the pull request',
    'pull-request': 'writing the evidence',
  };
  if (latest?.type === 'tests-run')
    return `**Working:** ${latest.when === 'before' ? 'the agent starts' : 'measuring the change'}.`;
  if (latest?.type === 'asked' || latest?.type === 'acted')
    return `**Working:** the agent is in turn ${latest.turn}.`;
  return `**Working:** ${doing[latest?.type ?? 'started'] ?? 'under way'}.`;
}

function steps(events: readonly RecordedEvent[], words: Words): string {
  const lines = events.flatMap(({ event }) => {
    if (event.type === 'started' && event.warning) return [`- **warning:** ${words.line(event.warning)}`];
    if (event.type === 'task-read')
      return [
        `- base ${words.span(event.base)} at ${event.commit.slice(0, 10)}, agent ${words.span(event.agent)}${event.agentReason && ` (${words.line(event.agentReason)})`}, model ${words.span(event.model)}`,
      ];
    if (event.type === 'set-up')
      return [
        `- set-up ${event.ok ? 'done' : 'failed'} in ${seconds(event.durationMs)}${event.refusedHosts.length > 0 ? `; refused: ${event.refusedHosts.map((host) => words.span(host)).join(', ')}` : ''}`,
      ];
    if (event.type === 'tests-run' && event.when !== 'again')
      return [
        `- tests ${{ before: 'before', after: 'after', 'against-base': "of the change, on the base's code" }[event.when]}: ${renderTestCounts(event.tests)}`,
      ];
    return [];
  });
  lines.push(...renderSteering(events));
  const hidden = events.flatMap(({ event }) => ('hidden' in event ? event.hidden : []));
  if (hidden.length > 0)
    lines.push(`- not shown to the agent: ${hidden.map((what) => words.line(what)).join('; ')}`);
  return lines.join('\n');
}

/** A reason of some lines ends by itself. */
function sentence(reason: string, words: Words): string {
  const text = words.said(reason);
  return text.includes('\n') ? text : `${text}.`;
}

function numbered(questions: readonly string[], words: Words): string {
  return questions
    .map((question, index) => `${index + 1}. ${words.said(question, ' '.repeat(`${index + 1}. `.length))}`)
    .join('\n');
}

/** What people said to the run while it went on, and whether its agent came to hear it. */
function renderSteering(events: readonly RecordedEvent[]): string[] {
  const heard = events.flatMap(({ event }) => (event.type === 'heard' ? [event.turn + 1] : []));
  const lastAsked = Math.max(0, ...events.map(({ event }) => (event.type === 'asked' ? event.turn : 0)));
  const isOver = lastEvent(events, 'settled') !== undefined;
  const said = events.flatMap(({ event }) => (event.type === 'said' ? [event.by] : []));
  return said.map((by, index) => {
    const turn = heard[index];
    if (turn !== undefined && turn <= lastAsked) return `- ${by} said more: heard in turn ${turn}`;
    return isOver
      ? `- ${by} said more, too late for this run: it was not heard`
      : `- ${by} said more: the agent hears it at its next turn`;
  });
}

function renderTestCounts(tests: Extract<RunEvent, { type: 'tests-run' }>['tests']): string {
  if (tests.ended !== 'exited') return `did not end (${tests.ended})`;
  const total = tests.passed + tests.failed + tests.skipped;
  return total === 0
    ? `exit code ${tests.exitCode}`
    : `${tests.passed} passed, ${tests.failed} failed, ${tests.skipped} skipped`;
}

function footer(run: Run, events: readonly RecordedEvent[]): string {
  const asked = events.flatMap(({ event }) => (event.type === 'asked' ? [event] : []));
  const tokens = asked.reduce(
    (sum, event) =>
      sum + event.inputTokens + event.cacheWriteTokens + event.cacheReadTokens + event.outputTokens,
    0,
  );
  const dollars = asked.every((event) => event.dollars !== null)
    ? `, $${asked.reduce((sum, event) => sum + (event.dollars ?? 0), 0).toFixed(2)}`
    : '';
  const cost =
    asked.length > 0
      ? ` · ${asked.length} ${asked.length === 1 ? 'turn' : 'turns'}, ${tokens.toLocaleString('en')} tokens${dollars}`
      : '';
  return `<sub>run \`${run.id}\`${cost} · \`/implement [words]\` \`/stop [keep]\` \`/status\` \`/retry [from scratch]\`</sub>`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
