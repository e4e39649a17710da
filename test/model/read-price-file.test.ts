import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFindModel } from '../../src/model/find-model.js';
import { dollarsOf, isPriced, noUsage } from '../../src/model/models.js';
import { PriceFileError, readPriceFile } from '../../src/model/read-price-file.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let file: string;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  file = path.join(folder.path, 'prices.yml');
});
afterAll(() => folder.remove());

async function read(text: string) {
  await writeFile(file, text);
  return createFindModel(await readPriceFile(file));
}

async function faultsOf(text: string): Promise<string[]> {
  await writeFile(file, text);
  return readPriceFile(file).then(
    () => [],
    (error) => {
      if (error instanceof PriceFileError) return error.faults;
      throw error;
    },
  );
}

const rates = 'input: 3, output: 6, cacheWrite5m: 4, cacheWrite1h: 5, cacheRead: 1';

test('a file adds models, gives them aliases, and changes known ones', async () => {
  const find = await read(`
models:
  - id: gateway/sonnet-5.5
    aliases: [sonnet, claude-sonnet-5-5]
    like: claude-sonnet-5-5
  - id: claude-opus-5-5
    prices:
      - { ${rates} }
  - id: qwen-coder
    contextTokens: 131072
    maxOutputTokens: 16000
    prices:
      - { from: 2026-01-01, upToPromptTokens: 1000, ${rates} }
      - { from: 2026-01-01, ${rates.replace('input: 3', 'input: 30')} }
`);
  const known = createFindModel();
  expect(find('sonnet')).toEqual({ ...known('sonnet'), id: 'gateway/sonnet-5.5' });
  expect(find('claude-sonnet-5-5').id).toBe('gateway/sonnet-5.5');
  expect(find('sonnet[1m]').id).toBe('gateway/sonnet-5.5');
  expect(find('opus')).toMatchObject({
    id: 'claude-opus-5-5',
    contextTokens: 1_000_000,
    efforts: expect.anything(),
  });
  expect(dollarsOf(find('opus'), { ...noUsage, outputTokens: 1_000_000 }, Date.now())).toBe(6);
  expect(find('qwen-coder')).toMatchObject({ contextTokens: 131_072, maxOutputTokens: 16_000, efforts: [] });
  expect(dollarsOf(find('qwen-coder'), { ...noUsage, inputTokens: 1000 }, Date.now())).toBeCloseTo(0.003, 9);
  expect(dollarsOf(find('qwen-coder'), { ...noUsage, inputTokens: 2000 }, Date.now())).toBeCloseTo(0.06, 9);
  expect(find('haiku')).toEqual(known('haiku'));
});

test('a price that begins later is not known yet', async () => {
  const find = await read(`models: [{ id: m, prices: [{ from: 2100-01-01, ${rates} }] }]`);
  expect(isPriced(find('m'), new Date())).toBe(false);
});

test.each([
  ['models: [', /:1: expected YAML; Flow sequence/],
  ['', /: expected a map with the key `models`; found null$/],
  ['models: 3', /: models: expected a list of models; found 3$/],
  ['models: [{ id: a b }]', /: models\.0\.id: expected the name of a model, without spaces; found "a b"$/],
  ['models: [{ id: m, price: 3 }]', /: models\.0\.price: this field does not exist$/],
  [
    `models: [{ id: m, prices: [{ ${rates.replace('3', '-3')} }] }]`,
    /: models\.0\.prices\.0\.input: expected dollars per million tokens, 0 or more; found -3$/,
  ],
  [
    'models: [{ id: m, prices: [{ input: 3, output: 6, cacheWrite5m: 4, cacheWrite1h: 5 }] }]',
    /: models\.0\.prices\.0\.cacheRead: expected dollars per million tokens; found none$/,
  ],
  [
    `models: [{ id: m, prices: [{ from: October, ${rates} }] }]`,
    /: models\.0\.prices\.0\.from: expected the first day of the price, such as 2026-10-07; found "October"$/,
  ],
  [
    `models: [{ id: m, prices: [{ upToPromptTokens: 10, ${rates} }] }]`,
    /: models\.0\.prices: expected for each day exactly one price without upToPromptTokens/,
  ],
  [
    'models: [{ id: m, like: gpt-5 }]',
    /: models\.0\.like: expected a model with a known price; found "gpt-5"$/,
  ],
  ['models: [{ id: m }, { id: m }]', /: models\.1\.id: expected each model once; found "m" again$/],
])('a wrong file has one line for its fault: %s', async (text, line) => {
  const faults = await faultsOf(text);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(line);
  expect(faults[0]?.startsWith(file)).toBe(true);
});

test('a file that does not exist is named', async () => {
  await expect(readPriceFile('/nowhere.yml')).rejects.toThrow('/nowhere.yml cannot be read (ENOENT)');
});
