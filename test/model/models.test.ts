import { describe, expect, test } from '@jest/globals';
import { claudeModels } from '../../src/model/claude-models.js';
import { createFindModel } from '../../src/model/find-model.js';
import { dollarsOf, isPriced, type Model, noUsage } from '../../src/model/models.js';

const find = createFindModel();
const at = (day: string) => Date.parse(`${day}T12:00:00Z`);
const million = 1_000_000;

describe('createFindModel', () => {
  test.each([
    ['sonnet', 'claude-sonnet-5-5'],
    ['opus', 'claude-opus-5-5'],
    ['haiku', 'claude-haiku-5-5'],
    ['fable', 'claude-fable-5-2'],
    ['opusplan', 'claude-sonnet-5-5'],
    ['opus[1m]', 'claude-opus-5-5'],
    ['sonnet[1m]', 'claude-sonnet-5-5'],
    ['claude-sonnet-4-6[1m]', 'claude-sonnet-4-6'],
    ['claude-opus-5-5', 'claude-opus-5-5'],
    ['claude-haiku-4-5-20251001', 'claude-haiku-4-5'],
  ])('%s is %s, with a price', (name, id) => {
    expect(find(name).id).toBe(id);
    expect(isPriced(find(name), new Date())).toBe(true);
  });

  test.each(['gpt-5', 'best', 'claude-haiku-4-5[1m]', 'claude-sonnet-9', 'inherit', ''])(
    '"%s" has no price, and its requests leave out what the model may not accept',
    (name) => {
      expect(isPriced(find(name), new Date())).toBe(false);
      expect(find(name)).toMatchObject({ id: name, efforts: [], thinksAdaptively: false, thinkingOff: null });
      expect(dollarsOf(find(name), { ...noUsage, inputTokens: 1 }, Date.now())).toBeNull();
    },
  );

  test('the data of each model fits together', () => {
    for (const { efforts, defaultEffort, prices } of claudeModels) {
      if (defaultEffort === null) expect(efforts).toEqual([]);
      else expect(efforts).toContain(defaultEffort);
      expect(prices.map(({ from }) => from)).toEqual(prices.map(({ from }) => from).sort());
      for (const { input, cacheWrite5m, cacheWrite1h } of prices) {
        // The pricing page gives these two factors for all models.
        expect(cacheWrite5m).toBeCloseTo(1.25 * input);
        expect(cacheWrite1h).toBeCloseTo(2 * input);
      }
    }
  });
});

describe('dollarsOf', () => {
  test('charges each kind of token with its own price', () => {
    const usage = {
      inputTokens: 1000,
      cacheWriteTokens: 3000,
      cacheWrite1hTokens: 1000,
      cacheReadTokens: 50_000,
      outputTokens: 2000,
    };
    const dollars = (1000 * 4 + 2000 * 5 + 1000 * 8 + 50_000 * 0.2 + 2000 * 20) / million;
    expect(dollarsOf(find('opus'), usage, at('2026-11-01'))).toBeCloseTo(dollars, 9);
  });

  test('uses the price of the day', () => {
    const usage = { ...noUsage, cacheReadTokens: million };
    expect(dollarsOf(find('sonnet'), usage, Date.parse('2026-10-06T23:59:59Z'))).toBeCloseTo(0.2, 9);
    expect(dollarsOf(find('sonnet'), usage, Date.parse('2026-10-07T00:00:00Z'))).toBeCloseTo(0.1, 9);
    expect(dollarsOf(find('sonnet'), usage, at('2026-09-01'))).toBeNull();
    expect(isPriced(find('sonnet'), new Date(at('2026-09-01')))).toBe(false);
  });

  test('uses the price for the size of the whole prompt, also for the output', () => {
    const usage = { ...noUsage, inputTokens: 10_000, cacheReadTokens: 90_000, outputTokens: 1000 };
    const small = (10_000 * 0.1 + 90_000 * 0.01 + 1000 * 0.5) / million;
    expect(dollarsOf(find('haiku'), usage, at('2026-11-01'))).toBeCloseTo(small, 9);
    const large = (10_001 * 0.5 + 90_000 * 0.05 + 1000 * 2.5) / million;
    const more = { ...usage, inputTokens: 10_001 };
    expect(dollarsOf(find('haiku'), more, at('2026-11-01'))).toBeCloseTo(large, 9);
  });

  test('finds no price if only small prompts have one', () => {
    const [price] = find('haiku').prices;
    const model: Model = { ...find('haiku'), prices: price ? [price] : [] };
    expect(isPriced(model, new Date(at('2026-11-01')))).toBe(false);
  });
});
