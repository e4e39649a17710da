import type { Model, Price } from '../models.js';

/*
 * How the providers name Anthropic's models, and what the place of a model adds to its price. The sources are
 * these pages of platform.claude.com/docs/en, as of November 2026:
 *   build-with-claude/claude-on-amazon-bedrock-legacy              ids, inference profiles, prices
 *   build-with-claude/claude-in-amazon-bedrock                     ids since Claude 4.7
 *   build-with-claude/claude-models-on-google-cloud/google-managed ids, regions, prices
 *   build-with-claude/claude-in-microsoft-foundry                  names of deployments
 */

/** Where the models are. The operator's settings about models have these properties. */
export interface Platform {
  provider: 'anthropic' | 'bedrock' | 'vertex' | 'foundry';
  /** Prefix of the inference profiles that aliases stand for. */
  bedrockPrefix: string;
  /** Null counts as `global`. */
  vertexRegion: string | null;
}

export const claudeApi: Platform = { provider: 'anthropic', bedrockPrefix: 'global', vertexRegion: null };

/** What the id of an older model ends with. Newer models have no such ending. */
const bedrockVersions: Readonly<Record<string, string>> = {
  'claude-opus-4-6': '-v1',
  'claude-opus-4-5': '-20251101-v1:0',
  'claude-haiku-4-5': '-20251001-v1:0',
};
const vertexVersions: Readonly<Record<string, string>> = {
  'claude-opus-4-5': '@20251101',
  'claude-haiku-4-5': '@20251001',
};

/** Models that run in one region or continent cost this much more than those that run anywhere. */
const regionalFactor = 1.1;

const bedrockArn = /^arn:aws[\w-]*:bedrock:[^:]*:[^:]*:(?:inference-profile|foundation-model)\//;
const bedrockId = /^(?:([a-z]+(?:-[a-z]+)*)\.)?anthropic\.(claude-[\w-]+?)(?:-\d{8})?(?:-v\d+(?::\d+)?)?$/;
const vertexId = /^(claude-[\w-]+?)(?:@\w+)?$/;

/** Returns a model of the Claude API as the provider has it: with the provider's id and prices. */
export function offer(model: Model, platform: Platform): Model {
  const { id } = model;
  switch (platform.provider) {
    case 'bedrock': {
      const { bedrockPrefix: prefix } = platform;
      return bedrockModel(model, `${prefix}.anthropic.${id}${bedrockVersions[id] ?? ''}`, prefix);
    }
    case 'vertex':
      return vertexModel(model, `${id}${vertexVersions[id] ?? ''}`, platform);
    // The deployments of Foundry have the names of their models, unless somebody chose another name.
    case 'foundry':
    case 'anthropic':
      return model;
  }
}

/**
 * Finds a model by an id of the provider.
 * @param known finds a model of the Claude API by its id
 */
export function findOffered(
  name: string,
  platform: Platform,
  known: (id: string) => Model | undefined,
): Model | undefined {
  if (platform.provider === 'bedrock') {
    const [, prefix, id = ''] = bedrockId.exec(name.replace(bedrockArn, '')) ?? [];
    const model = known(id);
    return model && bedrockModel(model, name, prefix);
  }
  if (platform.provider === 'vertex') {
    const [, id = ''] = vertexId.exec(name) ?? [];
    const model = known(id);
    return model && vertexModel(model, name, platform);
  }
  return undefined;
}

/** @param prefix undefined for a model in the region of the request */
function bedrockModel(model: Model, id: string, prefix: string | undefined): Model {
  return { ...model, id, prices: prefix === 'global' ? model.prices : model.prices.map(toRegional) };
}

function vertexModel(model: Model, id: string, { vertexRegion }: Platform): Model {
  const isGlobal = (vertexRegion ?? 'global') === 'global';
  return { ...model, id, prices: isGlobal ? model.prices : model.prices.map(toRegional) };
}

function toRegional(price: Price): Price {
  return {
    ...price,
    input: price.input * regionalFactor,
    output: price.output * regionalFactor,
    cacheWrite5m: price.cacheWrite5m * regionalFactor,
    cacheWrite1h: price.cacheWrite1h * regionalFactor,
    cacheRead: price.cacheRead * regionalFactor,
  };
}
