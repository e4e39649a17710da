import type { Spend } from './work.js';

/** What one run may use; counted from what is stored, so it holds across crashes. */
export interface Budget {
  turns: number;
  /** Of all kinds, those read from the cache included. */
  tokens: number;
  /** Only where the model has a known price. */
  dollars: number;
  minutes: number;
}

/** @returns which limit was reached, in words; null when none was */
export function reachedLimit(spend: Spend, elapsedMs: number, budget: Budget): string | null {
  const tokens = spend.inputTokens + spend.cacheWriteTokens + spend.cacheReadTokens + spend.outputTokens;
  if (spend.turns >= budget.turns) return `its limit of ${budget.turns} turns was reached`;
  if (tokens >= budget.tokens) return `its limit of ${budget.tokens.toLocaleString('en')} tokens was reached`;
  if (spend.dollars !== null && spend.dollars >= budget.dollars)
    return `its limit of $${budget.dollars} was reached`;
  if (elapsedMs >= budget.minutes * 60_000) return `its limit of ${budget.minutes} minutes was reached`;
  return null;
}
