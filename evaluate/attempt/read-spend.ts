import type { Run } from '../../src/runs/run.js';
import type { RunEvent } from '../../src/runs/run-event.js';

/** What a run used. */
export interface Spend {
  dollars: number;
  turns: number;
  minutes: number;
  /** Tokens of all prompts, and those of them that came from the cache. */
  promptTokens: number;
  cachedTokens: number;
}

/** Adds up what the run's events say, with estimates for replies that were abandoned. */
export function readSpend(events: readonly RunEvent[], { createdAt, settledAt }: Run): Spend {
  const spend = { dollars: 0, turns: 0, promptTokens: 0, cachedTokens: 0 };
  for (const event of events) {
    if (event.type === 'compacted') spend.dollars += event.dollars ?? 0;
    if (event.type !== 'asked' && event.type !== 'reply-abandoned') continue;
    spend.dollars += event.dollars ?? 0;
    spend.cachedTokens += event.cacheReadTokens;
    spend.promptTokens += event.inputTokens + event.cacheWriteTokens + event.cacheReadTokens;
    if (event.type === 'asked') spend.turns += 1;
  }
  return { ...spend, minutes: ((settledAt ?? new Date()).getTime() - createdAt.getTime()) / 60_000 };
}
