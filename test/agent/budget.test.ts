import { describe, expect, test } from '@jest/globals';
import { type Budget, BudgetWatch } from '../../src/agent/budget.js';
import type { Spend } from '../../src/runs/work.js';

const budget: Budget = { turns: 100, tokens: 1_000_000, dollars: 10, minutes: 100, extension: 0 };
const none: Spend = {
  turns: 0,
  inputTokens: 0,
  cacheWriteTokens: 0,
  cacheReadTokens: 0,
  outputTokens: 0,
  dollars: 0,
  model: 'm',
};

/** Reports spending after each turn. The agent's files change in each turn, unless `checkpoint` is given. */
function watch(more: Partial<Budget> = {}) {
  const watched = new BudgetWatch({ ...budget, ...more });
  let turn = 0;
  return (spend: Partial<Spend>, minutes = 0, checkpoint = `c${turn++}`) =>
    watched.afterTurn({ ...none, ...spend }, minutes * 60_000, checkpoint);
}

describe('warnings', () => {
  test.each([
    ['turns', { turns: 70 }, 0, 'You have used 70 turns of your budget of 100 turns.'],
    [
      'tokens',
      { cacheReadTokens: 700_000 },
      0,
      'You have used 700,000 tokens of your budget of 1,000,000 tokens.',
    ],
    ['dollars', { dollars: 7 }, 0, 'You have used $7 of your budget of $10.'],
    ['minutes', {}, 70, 'You have used 70 minutes of your budget of 100 minutes.'],
  ])('come at 70 percent of the %s, once', (_, spend, minutes, text) => {
    const after = watch();
    expect(after({}, 0).warnings).toEqual([]);
    expect(after(spend, minutes).warnings).toEqual([`${text} Plan the rest of the work so that it fits.`]);
    expect(after(spend, minutes)).toEqual({ reached: null, warnings: [] });
  });

  test('come again near the end of the limit, once', () => {
    const after = watch();
    after({ dollars: 7 });
    const last =
      'You have used $9.1 of your budget of $10. Get the work ready for review now and call submit.';
    expect(after({ dollars: 9.1 }).warnings).toEqual([last]);
    expect(after({ dollars: 9.5 }).warnings).toEqual([]);
  });

  test('do not come for dollars if the price is not known', () => {
    expect(watch({ dollars: null })({ dollars: null })).toEqual({ reached: null, warnings: [] });
  });
});

describe('an extension', () => {
  test('comes once, if the files changed in the last turns', () => {
    const after = watch({ extension: 0.25 });
    after({ turns: 99 });
    expect(after({ turns: 100 })).toEqual({
      reached: null,
      warnings: [
        'You reached a limit of your budget. It was extended once, because you made progress.',
        'You have used 100 turns of your budget of 125 turns. Plan the rest of the work so that it fits.',
      ],
    });
    expect(after({ turns: 125 }).reached).toBe('its limit of 125 turns was reached after one extension');
  });

  test('does not come if the files did not change', () => {
    const after = watch({ extension: 0.25 });
    for (let turn = 0; turn < 7; turn++) after({}, 0, 'same');
    expect(after({ dollars: 10 }, 0, 'same').reached).toBe('its limit of $10 was reached');
  });

  test('does not come if the operator allows none', () => {
    const after = watch();
    after({});
    expect(after({ inputTokens: 1_000_000 }).reached).toBe('its limit of 1,000,000 tokens was reached');
  });
});
