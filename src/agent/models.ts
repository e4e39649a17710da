/**
 * Models are data: aliases of agent files, and prices in dollars per million tokens. As of November 2026, from Anthropic's
 * published price list. A model that is not here works too; it is then held by its token budget only.
 */
export interface Model {
  id: string;
  /** Dollars per million tokens; null: not known, and no figure is made up. */
  price: { input: number; output: number } | null;
}

/** Writing to the cache (5 minutes) and reading from it, as multiples of the input price. */
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

export interface Usage {
  inputTokens: number;
  cacheWriteTokens: number;
  cacheReadTokens: number;
  outputTokens: number;
}

/** @returns null where the price is not known */
export function dollarsOf(model: Model, usage: Usage): number | null {
  if (!model.price) return null;
  const { input, output } = model.price;
  const weighted =
    usage.inputTokens + cacheWriteFactor * usage.cacheWriteTokens + cacheReadFactor * usage.cacheReadTokens;
  return (weighted * input + usage.outputTokens * output) / 1_000_000;
}
