import type { Effort } from '../runs/effort.js';

/** A model, its prices, and what its requests may contain. */
export interface Model {
  /** The id that the API knows. */
  id: string;
  /** Empty if the price is not known. We never guess a price. */
  prices: readonly Price[];
  contextTokens: number;
  /** The longest reply to ask for, in tokens, including thinking. */
  maxOutputTokens: number;
  /** The API caches no prompt that is shorter than this. */
  minCacheableTokens: number;
  /** The efforts that the model accepts, from least to most; empty if it accepts none. */
  efforts: readonly Effort[];
  /** The effort to begin with, by the advice of the model's documentation; null if it accepts none. */
  defaultEffort: Effort | null;
  /** Whether the model accepts `thinking: {type: 'adaptive'}`. */
  thinksAdaptively: boolean;
  /**
   * The value of `thinking.type` for as little thinking as possible. Null if there is none: the model thinks
   * only on request, or always.
   */
  thinkingOff: 'disabled' | 'between_tools' | null;
}

/** Finds a model by its alias or id. Every name leads to a model. The price of an unlisted one is unknown. */
export type FindModel = (name: string) => Model;

/**
 * Dollars per million tokens. A price holds from a day on, until a later price replaces it. Some models have
 * several prices from the same day on, for prompts of different sizes.
 */
export interface Price {
  /** The first day of the price, in UTC, such as `2026-10-07`. */
  from: string;
  /** The price holds only for prompts of at most this many tokens. Without it, for all other prompts. */
  upToPromptTokens?: number | undefined;
  input: number;
  output: number;
  /** Writing to a cache entry that lives for five minutes. */
  cacheWrite5m: number;
  /** Writing to a cache entry that lives for an hour. */
  cacheWrite1h: number;
  cacheRead: number;
}

/** Tokens of one reply, as the API counts them. */
export interface Usage {
  inputTokens: number;
  /** Tokens that were written to the cache, for five minutes or for an hour. */
  cacheWriteTokens: number;
  /** The part of `cacheWriteTokens` that was written for an hour. */
  cacheWrite1hTokens: number;
  cacheReadTokens: number;
  outputTokens: number;
}

export const noUsage: Usage = {
  inputTokens: 0,
  cacheWriteTokens: 0,
  cacheWrite1hTokens: 0,
  cacheReadTokens: 0,
  outputTokens: 0,
};

/** @returns whether the model has a price at this time, for prompts of every size */
export function isPriced({ prices }: Model, at: Date): boolean {
  return findPrice(prices, at, Number.POSITIVE_INFINITY) !== undefined;
}

/**
 * @param at when the reply was complete, in milliseconds since 1970
 * @returns the cost in dollars; null if the model's price is not known
 */
export function dollarsOf(model: Model, usage: Usage, at: number): number | null {
  const { inputTokens, cacheWriteTokens, cacheWrite1hTokens, cacheReadTokens, outputTokens } = usage;
  const promptTokens = inputTokens + cacheWriteTokens + cacheReadTokens;
  const price = findPrice(model.prices, new Date(at), promptTokens);
  if (!price) return null;
  return (
    (inputTokens * price.input +
      (cacheWriteTokens - cacheWrite1hTokens) * price.cacheWrite5m +
      cacheWrite1hTokens * price.cacheWrite1h +
      cacheReadTokens * price.cacheRead +
      outputTokens * price.output) /
    1_000_000
  );
}

function findPrice(prices: readonly Price[], at: Date, promptTokens: number): Price | undefined {
  const today = at.toISOString().slice(0, 10);
  const from = prices.map((price) => price.from).filter((day) => day <= today);
  const newest = from.sort().at(-1);
  const limitOf = ({ upToPromptTokens = Number.POSITIVE_INFINITY }: Price) => upToPromptTokens;
  return prices
    .filter((price) => price.from === newest)
    .sort((a, b) => limitOf(a) - limitOf(b))
    .find((price) => promptTokens <= limitOf(price));
}
