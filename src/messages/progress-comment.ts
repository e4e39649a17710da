import { describeCounts } from '../evidence/count-cases.js';
import type { Run } from '../runs/run.js';
import { lastEvent, type RecordedEvent, type RunEvent } from '../runs/run-event.js';
import type { UntrustedText } from '../text/untrusted-text.js';
import { renderCiAnswers } from './ci-answers.js';
import { describeEnding } from './describe-ending.js';
import { renderStage } from './describe-stage.js';
import { listQuestions, renderFollowUpOutcome, renderOutcome } from './outcome.js';

export const progressMarker = '<!-- pullwright:progress -->';

/**
 * Renders the progress comment of a run. It shows what the run is doing or how it ended, what was measured,
 * and the cost.
 */
export function renderProgress(
  run: Run,
  events: readonly RecordedEvent[],
  now: Date,
  untrusted: UntrustedText,
): string {
  const commit = lastEvent(events, 'pushed')?.commit ?? null;
  const outcome = lastEvent(events, 'settled')?.outcome;
  const parts = [
    outcome
      ? run.workflow === 'answer-review'
        ? renderFollowUpOutcome(outcome, commit, untrusted) + renderUnreadReview(run, events)
        : renderOutcome(outcome, untrusted)
      : renderStage(run, events, { ahead: lastEvent(events, 'queued')?.ahead ?? 0, now }, untrusted),
    outcome ? '' : renderThought(events, untrusted),
    renderCiAnswers(events, commit, untrusted),
    // A plan names the setup and the tests itself.
    outcome?.kind === 'plan' ? '' : renderSteps(events, untrusted),
    renderFooter(run, events),
  ];
  return parts.filter(Boolean).join('\n\n');
}

/**
 * Renders the answer to `/status`. One line says what the run is doing, with a link to the run's comment.
 * Another line shows the cost.
 */
export function renderStatus(
  run: Run,
  events: readonly RecordedEvent[],
  { ahead, link, now }: { ahead: number; link: string | null; now: Date },
  untrusted: UntrustedText,
): string {
  const settled = lastEvent(events, 'settled');
  const head = settled
    ? renderOutcome(settled.outcome, untrusted).split('\n')[0]
    : renderStage(run, events, { ahead, now }, untrusted);
  const questions = settled?.outcome.kind === 'question' ? settled.outcome.questions : [];
  const parts = [
    `${head}${link ? ` [Details](${link})` : ''}`,
    listQuestions(questions, untrusted),
    renderFooter(run, events),
  ];
  return parts.filter(Boolean).join('\n\n');
}

/** Explains why no review thread was answered, if a run ended before it read the review. */
function renderUnreadReview({ trigger }: Run, events: readonly RecordedEvent[]): string {
  const isRead = events.some(({ event }) => event.type === 'task-read');
  return trigger.kind === 'review' && !isRead
    ? '\n\nThe run ended before I read the review, so I did not answer its threads.'
    : '';
}

/** Shows what the agent thinks about, in its own words. */
function renderThought(events: readonly RecordedEvent[], untrusted: UntrustedText): string {
  const said = lastEvent(events, 'asked')?.said;
  return said ? `The agent's latest note: ${untrusted.line(said)}` : '';
}

function renderSteps(events: readonly RecordedEvent[], untrusted: UntrustedText): string {
  const lines = events.flatMap(({ event }) => renderStep(event, untrusted));
  lines.push(...renderMessages(events));
  const hidden = events.flatMap(({ event }) => ('hidden' in event ? event.hidden : []));
  if (hidden.length > 0)
    lines.push(`- hidden from the agent: ${hidden.map((what) => untrusted.line(what)).join('; ')}`);
  return lines.join('\n');
}

/** Repeated runs are not shown. */
const testLabels: Partial<Record<Extract<RunEvent, { type: 'tests-run' }>['when'], string>> = {
  before: 'tests before the change',
  after: 'tests after the change',
  'against-base': "the change's tests on the base code",
};

function renderStep(event: RunEvent, untrusted: UntrustedText): string[] {
  if (event.type === 'started' && event.warning) return [`- **warning:** ${untrusted.line(event.warning)}`];
  if (event.type === 'task-read') {
    const reason = event.agentReason && ` (${untrusted.line(event.agentReason)})`;
    const effort = event.effort === null ? '' : `, effort ${event.effort}`;
    return [
      `- base ${untrusted.name(event.base)} at ${event.commit.slice(0, 10)}, agent ${untrusted.name(event.agent)}${reason}, model ${untrusted.name(event.model)}${effort}`,
    ];
  }
  if (event.type === 'set-up' || event.type === 'change-set-up') {
    const hosts = event.refusedHosts.map((host) => untrusted.name(host)).join(', ');
    const refused = hosts && `; refused hosts: ${hosts}`;
    const what = event.type === 'set-up' ? 'setup' : 'setup with the packages of the change';
    const line = `- ${what} ${event.ok ? 'finished' : 'failed'} in ${seconds(event.durationMs)}${refused}`;
    return event.type === 'set-up' ? [...renderEnvironment(event, untrusted), line] : [line];
  }
  if (event.type === 'images-read') return [renderImages(event, untrusted)];
  if (event.type === 'mcp-servers') return event.servers.flatMap((server) => renderServer(server, untrusted));
  if (event.type === 'submission-returned')
    return [`- submit returned: ${event.because.map((why) => untrusted.line(why)).join('; ')}`];
  if (event.type === 'migrations-rehearsed') {
    const { tool, rows, faults, notRehearsed } = event;
    const result =
      notRehearsed === null
        ? `rehearsed on ${rows.toLocaleString('en')} rows, ${faults} ${faults === 1 ? 'fault' : 'faults'}`
        : `not rehearsed, because ${untrusted.line(notRehearsed, 300)}`;
    return [`- migrations (${untrusted.line(tool, 60)}): ${result}`];
  }
  if (event.type === 'api-compared') {
    const { breaking, dangerous, compatible } = event;
    return [`- API: ${breaking} breaking, ${dangerous} dangerous and ${compatible} compatible differences`];
  }
  if (event.type === 'coverage-measured')
    return [`- changed lines that run in tests: ${event.reached} of ${event.lines}`];
  if (event.type === 'queries-recorded') {
    const { tests, statements, repeated, unindexed } = event;
    return [
      `- statements on the database: ${statements} in ${tests} tests, ${repeated} repeated, ${unindexed} without an index`,
    ];
  }
  if (event.type === 'mutations-tried')
    return [`- small faults that the tests noticed: ${event.noticed} of ${event.tried}`];
  if (event.type === 'tests-run' && testLabels[event.when]) {
    const isProof = event.when === 'against-base' && event.tests.failed > 0;
    const why = isProof ? ' (failures are expected here: they are the proof)' : '';
    return [`- ${testLabels[event.when]}: ${renderTestCounts(event.tests)}${why}`];
  }
  return [];
}

/** Says what the repository's tests need, and what this server does not have of it. */
function renderEnvironment(
  { found, provided, missing }: Extract<RunEvent, { type: 'set-up' }>,
  untrusted: UntrustedText,
): string[] {
  const list = (items: readonly string[]) => items.map((item) => untrusted.line(item, 300)).join('; ');
  return [
    ...(found.length > 0 ? [`- the tests need: ${list(found)}`] : []),
    ...(provided.length > 0 ? [`- this server provides: ${list(provided)}`] : []),
    ...missing.map((what) => `- **note:** ${untrusted.line(what, 500)}`),
  ];
}

function renderImages(
  { read, unread }: Extract<RunEvent, { type: 'images-read' }>,
  untrusted: UntrustedText,
): string {
  const others = unread.map(({ name, fault }) => untrusted.line(`${name} (${fault})`)).join('; ');
  return `- images: the agent got ${read}${others && `; not read: ${others}`}`;
}

function renderServer(
  { name, tools, leftOut, fault }: Extract<RunEvent, { type: 'mcp-servers' }>['servers'][number],
  untrusted: UntrustedText,
): string[] {
  const server = `MCP server ${untrusted.name(name)}`;
  if (fault !== null) return [`- **${server} is not available:** ${untrusted.line(fault)}`];
  const omitted = leftOut.map((tool) => untrusted.line(tool)).join('; ');
  return [`- ${server}: ${tools} ${tools === 1 ? 'tool' : 'tools'}${omitted && `; left out: ${omitted}`}`];
}

/** Lists the messages that people sent to the run, and says whether the agent got each of them. */
function renderMessages(events: readonly RecordedEvent[]): string[] {
  const heard = events.flatMap(({ event }) => (event.type === 'heard' ? [event.turn + 1] : []));
  const lastAsked = Math.max(0, ...events.map(({ event }) => (event.type === 'asked' ? event.turn : 0)));
  const isOver = lastEvent(events, 'settled') !== undefined;
  const senders = events.flatMap(({ event }) => (event.type === 'said' ? [event.by] : []));
  return senders.map((by, index) => {
    const turn = heard[index];
    if (turn !== undefined && turn <= lastAsked)
      return `- message from ${by}: the agent got it in turn ${turn}`;
    return isOver
      ? `- message from ${by}: it came too late for this run, and the agent did not get it`
      : `- message from ${by}: the agent gets it in its next turn`;
  });
}

function renderTestCounts(tests: Extract<RunEvent, { type: 'tests-run' }>['tests']): string {
  const { passed, failed, skipped, unloaded } = tests;
  const total = passed + failed + skipped + unloaded;
  const hasEnded = tests.ended === 'exited' || (tests.ended === 'did-not-exit' && total > 0);
  if (!hasEnded) return `did not finish (${describeEnding(tests.ended)})`;
  if (total === 0) return `exit code ${tests.exitCode}`;
  return describeCounts(tests);
}

function renderFooter(run: Run, events: readonly RecordedEvent[]): string {
  const parts = [`run \`${run.id}\``];
  const asked = events.flatMap(({ event }) => (event.type === 'asked' ? [event] : []));
  const abandoned = events.flatMap(({ event }) => (event.type === 'reply-abandoned' ? [event] : []));
  if (asked.length + abandoned.length > 0) {
    const turns = `${asked.length} ${asked.length === 1 ? 'turn' : 'turns'}`;
    const replies = `${abandoned.length} abandoned ${abandoned.length === 1 ? 'reply' : 'replies'}`;
    const estimate =
      abandoned.length > 0 ? ` (with an estimate of ${renderCost(abandoned)} for ${replies})` : '';
    parts.push(`${turns}, ${renderCost([...asked, ...abandoned])}${estimate}`);
  }
  parts.push('`/implement [instructions]` `/stop [keep]` `/status` `/retry [from scratch]`');
  return `<sub>${parts.join(' · ')}</sub>`;
}

function renderCost(events: readonly Extract<RunEvent, { type: 'asked' | 'reply-abandoned' }>[]): string {
  const tokens = events.reduce(
    (sum, event) =>
      sum + event.inputTokens + event.cacheWriteTokens + event.cacheReadTokens + event.outputTokens,
    0,
  );
  const isPriced = events.every((event) => event.dollars !== null);
  const dollars = events.reduce((sum, event) => sum + (event.dollars ?? 0), 0);
  return `${tokens.toLocaleString('en')} tokens${isPriced ? `, $${dollars.toFixed(2)}` : ''}`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
