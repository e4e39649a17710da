import type { Spend } from '../runs/work.js';

/** Limits of one run. They still apply after a crash, because spending is counted from stored replies. */
export interface Budget {
  turns: number;
  /** Limit of tokens of all kinds, including the tokens that the API reads from its cache. */
  tokens: number;
  /** Cost limit. It applies only if the model's price is known. */
  dollars: number;
  minutes: number;
}

/** @returns a human-readable description of the limit that was reached; null if no limit was reached */
export function reachedLimit(spend: Spend, elapsedMs: number, budget: Budget): string | null {
  const tokens = spend.inputTokens + spend.cacheWriteTokens + spend.cacheReadTokens + spend.outputTokens;
  if (spend.turns >= budget.turns) return `its limit of ${budget.turns} turns was reached`;
  if (tokens >= budget.tokens) return `its limit of ${budget.tokens.toLocaleString('en')} tokens was reached`;
  if (spend.dollars !== null && spend.dollars >= budget.dollars)
    return `its limit of $${budget.dollars} was reached`;
  if (elapsedMs >= budget.minutes * 60_000) return `its limit of ${budget.minutes} minutes was reached`;
  return null;
}
