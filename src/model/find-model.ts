import { claudeAliases, claudeModels } from './claude-models.js';
import type { FindModel, Model } from './models.js';
import { claudeApi, findOffered, offer, type Platform } from './providers/provider-models.js';

/** A model that the operator's price file adds or changes. */
export interface ListedModel {
  model: Model;
  /** Other names for the model. They take precedence over Pullwright's aliases. */
  aliases: readonly string[];
}

/** Claude Code's suffix for a context window of one million tokens. */
const millionSuffix = '[1m]';

/** The assumptions about a model that nobody listed. Any current model accepts requests within them. */
const unlisted = {
  prices: [],
  contextTokens: 200_000,
  maxOutputTokens: 32_000,
  minCacheableTokens: 4096,
  efforts: [],
  defaultEffort: null,
  thinksAdaptively: false,
  thinkingOff: null,
};

/**
 * @param listed the models of the operator's price file. They take precedence over what Pullwright knows.
 * @param platform where the models are; the default is the Claude API
 */
export function createFindModel(
  listed: readonly ListedModel[] = [],
  platform: Platform = claudeApi,
): FindModel {
  const known = new Map(claudeModels.map((model) => [model.id, model]));
  const aliases = new Map(Object.entries(claudeAliases));
  const own = new Map<string, Model>();
  for (const { model, aliases: names } of listed) {
    const claude = known.get(model.id);
    // The operator can name a model as the Claude API does. The provider gets its own id of the model.
    const listedModel = claude ? { ...model, id: offer(claude, platform).id } : model;
    for (const id of [model.id, listedModel.id]) own.set(id, listedModel);
    for (const name of names) aliases.set(name, model.id);
  }
  const find = (name: string): Model | undefined => {
    const id = aliases.get(name) ?? name;
    const claude = known.get(id);
    const offered = claude ? offer(claude, platform) : findOffered(id, platform, (one) => known.get(one));
    return own.get(id) ?? own.get(offered?.id ?? '') ?? offered;
  };
  return (name) => {
    const found = find(name) ?? findMillion(name, find);
    return found ?? { id: name, ...unlisted };
  };
}

/** Finds `sonnet` for `sonnet[1m]`, if that model has so large a context window. */
function findMillion(name: string, find: (name: string) => Model | undefined): Model | undefined {
  if (!name.endsWith(millionSuffix)) return undefined;
  const model = find(name.slice(0, -millionSuffix.length));
  return model && model.contextTokens >= 1_000_000 ? model : undefined;
}
