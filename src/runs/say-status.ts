import type { RecordedEvent, Run } from './run-store.js';
import { sayCost, sayStage } from './say-stage.js';

interface Told {
  run: Run;
  events: readonly RecordedEvent[];
  /** Runs before this one, on the whole server. */
  ahead: number;
}

/**
 * Answers `/status`.
 * @param told what is going, or the latest that went
 * @param page of the progress comment; null where there is none
 */
export function sayStatus(told: readonly Told[], page: string | null): string {
  const lines = told.map(({ run, events, ahead }) => {
    const stage = run.settlement ? `**Not going:** ${sayEnd(run.settlement)}` : sayStage(run, events, ahead);
    return [stage, sayCost(events)].filter(Boolean).join(' So far: ');
  });
  if (lines.length === 0) lines.push('Nothing was run here yet. `/implement` starts a run.');
  const list = lines.length === 1 ? lines[0] : lines.map((line) => `- ${line}`).join('\n');
  return page === null ? String(list) : `${list}\n\n[Everything so far](${page})`;
}

function sayEnd(settlement: NonNullable<Run['settlement']>): string {
  switch (settlement.kind) {
    case 'pull-request':
      return `the last run ended with #${settlement.number}.`;
    case 'draft':
      return `the last run ended with the draft #${settlement.number}. \`/retry\` goes on with it.`;
    case 'question':
      return 'the last run ended with a question, and waits for an answer.';
    default:
      return `the last run ended (${settlement.kind}); its comment says why. \`/retry\` goes on with it.`;
  }
}
