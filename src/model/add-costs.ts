import type { Cost } from './model.js';

export function addCosts(one: Cost, other: Cost): Cost {
  return {
    usage: {
      inputTokens: one.usage.inputTokens + other.usage.inputTokens,
      cacheWriteTokens: one.usage.cacheWriteTokens + other.usage.cacheWriteTokens,
      cacheWrite1hTokens: one.usage.cacheWrite1hTokens + other.usage.cacheWrite1hTokens,
      cacheReadTokens: one.usage.cacheReadTokens + other.usage.cacheReadTokens,
      outputTokens: one.usage.outputTokens + other.usage.outputTokens,
    },
    dollars: one.dollars === null || other.dollars === null ? null : one.dollars + other.dollars,
  };
}
