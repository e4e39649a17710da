import type { RunEvent } from './run-event.js';
import type { RecordedEvent, Run } from './run-store.js';

/** What a run that goes on is doing, or waits for. @param ahead runs before it */
export function sayStage(run: Run, events: readonly RecordedEvent[], ahead: number): string {
  if (run.heldBecause) return `**Waiting:** ${run.heldBecause}.`;
  const latest = events.at(-1)?.event;
  if (latest?.type === 'waiting')
    return `**Waiting:** ${latest.because}. It goes on by itself at ${new Date(latest.untilMs).toISOString().slice(0, 16).replace('T', ' ')} UTC at the latest.`;
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

/** Turns, tokens and dollars so far; '' when nothing was spent. */
export function sayCost(events: readonly RecordedEvent[]): string {
  const asked = events.flatMap(({ event }) => (event.type === 'asked' ? [event] : []));
  const tokens = asked.reduce(
    (sum, event) =>
      sum + event.inputTokens + event.cacheWriteTokens + event.cacheReadTokens + event.outputTokens,
    0,
  );
  const dollars = asked.every((event) => event.dollars !== null)
    ? `, $${asked.reduce((sum, event) => sum + (event.dollars ?? 0), 0).toFixed(2)}`
    : '';
  return asked.length > 0
    ? `${asked.length} ${asked.length === 1 ? 'turn' : 'turns'}, ${tokens.toLocaleString('en')} tokens${dollars}`
    : '';
}
