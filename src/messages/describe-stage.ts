import { asSentence } from '../runs/outcome.js';
import type { Run } from '../runs/run.js';
import { lastEvent, type RecordedEvent, type RunEvent } from '../runs/run-event.js';
import type { UntrustedText } from '../text/untrusted-text.js';

/**
 * Says what a run waits for or does, for how long already, and what it has spent.
 * @param options.ahead number of runs before this one in the queue
 */
export function renderStage(
  run: Run,
  events: readonly RecordedEvent[],
  { ahead, now }: { ahead: number; now: Date },
  untrusted: UntrustedText,
): string {
  if (run.heldReason) return `**Waiting:** ${asSentence(run.heldReason)}`;
  const latest = events.at(-1)?.event;
  if (latest?.type === 'waiting') {
    const until = new Date(latest.untilMs).toISOString().slice(0, 16).replace('T', ' ');
    return `**Waiting:** ${untrusted.line(asSentence(latest.reason))} I will try again by ${until} UTC.`;
  }
  if (!events.some(({ event }) => event.type === 'started'))
    return ahead === 0
      ? '**Queued:** next in line.'
      : `**Queued:** ${ahead} ${ahead === 1 ? 'run is' : 'runs are'} ahead of this one.`;
  return `**Working:** ${describeStage(latest, events)}${describeElapsed(events.at(-1)?.at, now)}.`;
}

function describeStage(latest: RunEvent | undefined, events: readonly RecordedEvent[]): string {
  switch (latest?.type) {
    case 'started':
      return 'reading the issue and the repository';
    case 'task-read':
      return 'cloning the repository and installing its dependencies';
    case 'set-up':
      return 'running the tests on the unmodified base commit';
    case 'change-set-up':
    case 'migrations-rehearsed':
    case 'api-compared':
    case 'coverage-measured':
    case 'queries-recorded':
    case 'mutations-tried':
      return 'testing the change';
    case 'tests-run':
      return latest.when === 'before' ? 'the agent is starting' : 'testing the change';
    case 'images-read':
    case 'mcp-servers':
      return 'the agent is starting';
    case 'asked':
    case 'reply-abandoned':
    case 'acted':
      return describeTurn(latest.turn, events);
    case 'submission-returned':
      return describeTurn(latest.turn + 1, events);
    case 'scanned':
      return 'pushing the change';
    case 'pushed':
      return 'opening the pull request';
    case 'pull-request':
      return 'writing the check run';
    default:
      return 'in progress';
  }
}

/** Says which turn it is, and how much of the budget is used up. */
function describeTurn(turn: number, events: readonly RecordedEvent[]): string {
  const budget = lastEvent(events, 'task-read')?.budget;
  if (!budget) return `the agent is on turn ${turn}`;
  const spent = events.reduce((sum, { event }) => sum + ('dollars' in event ? (event.dollars ?? 0) : 0), 0);
  const hasRoom = budget.dollars !== null && spent <= budget.dollars;
  const money = !hasRoom ? '' : `, $${spent.toFixed(2)} of $${budget.dollars?.toFixed(2)} spent`;
  // If the agent makes progress at a limit, the limits grow once.
  const limit = turn <= budget.turns ? ` of at most ${budget.turns}` : '';
  return `the agent is on turn ${turn}${limit}${money}`;
}

const minuteMs = 60_000;

/** Counts whole minutes only, so that the comment is edited at most once a minute for it. */
function describeElapsed(since: Date | undefined, now: Date): string {
  const minutes = since ? Math.floor((now.getTime() - since.getTime()) / minuteMs) : 0;
  return minutes < 1 ? '' : `, for ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} now`;
}
