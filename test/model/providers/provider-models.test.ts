import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createFindModel } from '../../../src/model/find-model.js';
import type { Model } from '../../../src/model/models.js';
import type { Platform } from '../../../src/model/providers/provider-models.js';
import { readPriceFile } from '../../../src/model/read-price-file.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';

const global: Platform = { provider: 'bedrock', bedrockPrefix: 'global', vertexRegion: null };
const platforms = {
  'Bedrock, global': global,
  'Bedrock, eu': { ...global, bedrockPrefix: 'eu' },
  'Vertex, global': { ...global, provider: 'vertex', vertexRegion: 'global' },
  'Vertex, us-east5': { ...global, provider: 'vertex', vertexRegion: 'us-east5' },
  Foundry: { ...global, provider: 'foundry' },
} satisfies Record<string, Platform>;

/** Returns the newest price for input; null if no price is known. */
const inputPrice = ({ prices }: Model) => prices.at(-1)?.input ?? null;

describe('aliases and ids lead to the id of the provider, and to its price', () => {
  test.each<[keyof typeof platforms, string, string, number]>([
    ['Bedrock, global', 'sonnet', 'global.anthropic.claude-sonnet-5-5', 2],
    ['Bedrock, global', 'opus', 'global.anthropic.claude-opus-5-5', 4],
    ['Bedrock, global', 'opus[1m]', 'global.anthropic.claude-opus-5-5', 4],
    ['Bedrock, global', 'haiku', 'global.anthropic.claude-haiku-5-5', 0.5],
    ['Bedrock, global', 'claude-opus-4-6', 'global.anthropic.claude-opus-4-6-v1', 5],
    ['Bedrock, global', 'claude-sonnet-4-6', 'global.anthropic.claude-sonnet-4-6', 3],
    ['Bedrock, global', 'claude-haiku-4-5', 'global.anthropic.claude-haiku-4-5-20251001-v1:0', 1],
    [
      'Bedrock, global',
      'us.anthropic.claude-opus-4-5-20251101-v1:0',
      'us.anthropic.claude-opus-4-5-20251101-v1:0',
      5.5,
    ],
    ['Bedrock, global', 'anthropic.claude-opus-5-5', 'anthropic.claude-opus-5-5', 4.4],
    ['Bedrock, global', 'us-gov.anthropic.claude-sonnet-5', 'us-gov.anthropic.claude-sonnet-5', 2.2],
    [
      'Bedrock, global',
      'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/global.anthropic.claude-sonnet-5-5',
      'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/global.anthropic.claude-sonnet-5-5',
      2,
    ],
    ['Bedrock, eu', 'sonnet', 'eu.anthropic.claude-sonnet-5-5', 2.2],
    ['Bedrock, eu', 'global.anthropic.claude-sonnet-5-5[1m]', 'global.anthropic.claude-sonnet-5-5', 2],
    ['Vertex, global', 'sonnet', 'claude-sonnet-5-5', 2],
    ['Vertex, global', 'claude-haiku-4-5', 'claude-haiku-4-5@20251001', 1],
    ['Vertex, global', 'claude-haiku-4-5-20251001', 'claude-haiku-4-5@20251001', 1],
    ['Vertex, global', 'claude-sonnet-5-5@default', 'claude-sonnet-5-5@default', 2],
    ['Vertex, us-east5', 'opus', 'claude-opus-5-5', 4.4],
    ['Vertex, us-east5', 'claude-opus-4-5@20251101', 'claude-opus-4-5@20251101', 5.5],
    ['Foundry', 'sonnet', 'claude-sonnet-5-5', 2],
    ['Foundry', 'claude-haiku-4-5-20251001', 'claude-haiku-4-5', 1],
  ])('%s: %s', (platform, name, id, price) => {
    const find = createFindModel([], platforms[platform]);
    const model = find(name);
    expect(model.id).toBe(id);
    expect(inputPrice(model)).toBeCloseTo(price, 9);
    // A run stores the id, and finds the same model by it.
    expect(find(model.id)).toEqual(model);
  });

  test('everything but the id and the price is that of the model', () => {
    const { prices: _, ...sonnet } = createFindModel()('sonnet');
    const { prices: __, ...offered } = createFindModel([], platforms['Bedrock, eu'])('sonnet');
    expect(offered).toEqual({ ...sonnet, id: 'eu.anthropic.claude-sonnet-5-5' });
  });
});

test.each<[keyof typeof platforms, string]>([
  ['Bedrock, global', 'anthropic.claude-opus-9'],
  ['Bedrock, global', 'amazon.nova-pro-v1:0'],
  ['Bedrock, global', 'arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123'],
  ['Vertex, global', 'gemini-3-pro'],
  ['Vertex, global', 'global.anthropic.claude-sonnet-5-5'],
  ['Foundry', 'my-deployment'],
])('%s: %s has no known price, and is sent as it is', (platform, name) => {
  const model = createFindModel([], platforms[platform])(name);
  expect(model).toMatchObject({ id: name, prices: [], efforts: [] });
});

test("the operator's price file wins, for the names of the provider and for Anthropic's own", async () => {
  const folder = await createTemporaryFolder();
  const file = path.join(folder.path, 'prices.yml');
  await writeFile(
    file,
    `models:
  - id: claude-opus-5-5
    prices: [{ input: 3, output: 15, cacheWrite5m: 3.75, cacheWrite1h: 6, cacheRead: 0.15 }]
  - id: arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123
    aliases: [sonnet]
    like: claude-sonnet-5-5
  - id: us.anthropic.claude-haiku-5-5
    contextTokens: 100000
`,
  );
  const platform = platforms['Bedrock, eu'];
  const find = createFindModel(await readPriceFile(file, platform), platform);
  await folder.remove();
  for (const name of ['opus', 'claude-opus-5-5', 'eu.anthropic.claude-opus-5-5'])
    expect(find(name)).toMatchObject({ id: 'eu.anthropic.claude-opus-5-5', prices: [{ input: 3 }] });
  expect(find('sonnet').id).toContain('application-inference-profile/abc123');
  expect(inputPrice(find('sonnet'))).toBeCloseTo(2.2, 9);
  expect(find('us.anthropic.claude-haiku-5-5')).toMatchObject({ contextTokens: 100_000 });
  expect(inputPrice(find('us.anthropic.claude-haiku-5-5'))).toBeCloseTo(0.55, 9);
});
