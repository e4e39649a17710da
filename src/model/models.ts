/**
 * A model and its price. The aliases are short model names, which agent files use. The prices come from
 * Anthropic's published list of November 2026. A run can use a model that is not listed, but then no cost
 * limit applies.
 */
export interface Model {
  id: string;
  /** Dollars per million tokens; null if the price is not known. We never guess a price. */
  price: { input: number; output: number } | null;
}

/**
 * Prices of writing to a cache that lasts 5 minutes and of reading from it, as multiples of the input price.
 */
const cacheWriteFactor = 1.25;
const cacheReadFactor = 0.1;

const aliases: Record<string, string> = {
  sonnet: 'claude-sonnet-5-5',
  opus: 'claude-opus-5-5',
  haiku: 'claude-haiku-5-5',
};

const prices: Record<string, { input: number; output: number }> = {
  'claude-sonnet-5-5': { input: 2, output: 10 },
  'claude-opus-5-5': { input: 4, output: 20 },
  'claude-haiku-5-5': { input: 1, output: 5 },
};

/** @param name an alias or the full id of a model */
export function findModel(name: string): Model {
  const id = aliases[name] ?? name;
  return { id, price: prices[id] ?? null };
}

/** Tokens of one reply, as the API counts them. */
export interface Usage {
  inputTokens: number;
  cacheWriteTokens: number;
  cacheReadTokens: number;
  outputTokens: number;
}

/** @returns the cost in dollars; null if the model's price is not known */
export function dollarsOf(model: Model, usage: Usage): number | null {
  if (!model.price) return null;
  const { input, output } = model.price;
  const weighted =
    usage.inputTokens + cacheWriteFactor * usage.cacheWriteTokens + cacheReadFactor * usage.cacheReadTokens;
  return (weighted * input + usage.outputTokens * output) / 1_000_000;
}
