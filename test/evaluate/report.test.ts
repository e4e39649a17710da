import { describe, expect, test } from '@jest/globals';
import { compareResults, renderComparison } from '../../evaluate/report/compare.js';
import { renderReport } from '../../evaluate/report/report.js';
import { effectiveAttempts, pairedInterval, signFlipTest, wilson } from '../../evaluate/report/statistics.js';
import type { Result } from '../../evaluate/results.js';

function result(instance_id: string, isResolved: boolean, more: Partial<Result> = {}): Result {
  return {
    ...{ instance_id, repo: 'acme/shop', repeat: 1, player: 'sonnet' },
    ...{ outcome: 'pull-request', detail: '', dollars: 0.5, turns: 10, minutes: 4 },
    ...{ promptTokens: 1000, cachedTokens: 900 },
    grade: {
      resolved: isResolved,
      reason: isResolved ? null : '1 tests that must newly pass and 0 that must still pass do not',
      ...{ failed: [], broken: [], reset: [], checks: { expected: 0, failed: 0 } },
    },
    ...more,
  };
}

const near = (value: number) => expect.closeTo(value, 4);

describe('the statistics', () => {
  test("Wilson's interval has its known values", () => {
    expect(wilson(0.5, 10)).toEqual({ low: near(0.2366), high: near(0.7634) });
    expect(wilson(0, 10)).toEqual({ low: near(0), high: near(0.2775) });
    expect(wilson(1, 13)).toEqual({ low: near(0.7719), high: near(1) });
    expect(wilson(0.33, 100)).toEqual({ low: near(0.2456), high: near(0.4269) });
  });

  test('repeats with the same results count as one attempt, and independent ones as several', () => {
    const same = [
      [true, true],
      [false, false],
      [true, true],
      [false, false],
    ];
    expect(effectiveAttempts(same)).toBe(4);
    expect(effectiveAttempts([[true], [false], [true]])).toBe(3);
    const varied = [
      [true, false],
      [false, true],
      [true, false],
      [false, true],
    ];
    expect(effectiveAttempts(varied)).toBe(8);
    expect(effectiveAttempts([[true, true, true]])).toBe(1);
  });

  test("the sign-flip test is McNemar's exact test if there is one attempt per task", () => {
    // 2 * P(X <= 2) for X of a binomial distribution with n = 10 and p = 0.5.
    const differences = [...Array(8).fill(1), ...Array(2).fill(-1), ...Array(20).fill(0)];
    expect(signFlipTest(differences)).toBeCloseTo(0.109375, 10);
    expect(signFlipTest([1, 1, 1, 1, 1])).toBeCloseTo(0.0625, 10);
    expect(signFlipTest([0, 0])).toBe(1);
    expect(signFlipTest([1, -1])).toBe(1);
    // The sums of ±3 ±1 are 4, 2, -2 and -4.
    expect(signFlipTest([3, 1])).toBeCloseTo(0.5, 10);
  });

  test('the interval of a paired difference adds half a pair to each possible result', () => {
    // b = 8, c = 2, n = 30: the mean is 6 / 32, and the variance is (11 / 32 - (6 / 32)²) / 32.
    const differences = [...Array(8).fill(1), ...Array(2).fill(-1), ...Array(20).fill(0)];
    expect(pairedInterval(differences)).toEqual({ low: near(-0.005), high: near(0.38) });
    expect(pairedInterval([1, 1, 1]).low).toBeLessThan(0.3);
  });
});

describe('the report', () => {
  test('has a row for each repository with outcomes, costs and the share of the cache', () => {
    const lines = renderReport([
      result('shop-1', true),
      result('shop-2', false, { outcome: 'draft', turns: 20, minutes: 6, cachedTokens: 500 }),
      result('cart-1', false, { repo: 'acme/cart', outcome: 'question', grade: null, detail: 'Which one?' }),
      result('cart-2', false, { repo: 'acme/cart', outcome: 'refusal', grade: null }),
    ]);
    const cells = (row: string) =>
      lines
        .find((line) => line.startsWith(`| ${row} `))
        ?.split(/\s*\|\s*/)
        .slice(2, -1);
    expect(lines[0]).toBe('## sonnet');
    expect(cells('repository')?.slice(1, 3)).toEqual(['attempts', 'resolved']);
    expect(cells('acme/shop')).toEqual([
      '2',
      '2',
      '1 (50 %)',
      '9 % to 91 %',
      '1',
      '1',
      '0',
      '0',
      '0',
      '1.00',
      '15',
      '5.0',
      '70 %',
    ]);
    expect(cells('acme/cart')?.slice(2, 8)).toEqual(['0 (0 %)', '0 % to 66 %', '0', '0', '1', '1']);
    expect(cells('all')?.slice(0, 4)).toEqual(['4', '4', '1 (25 %)', '5 % to 70 %']);
    expect(lines.find((line) => line.includes('cart-1'))).toContain('Which one?');
  });

  test('keeps players apart', () => {
    const lines = renderReport([result('shop-1', true), result('shop-1', false, { player: 'wrong' })]);
    expect(lines.filter((line) => line.startsWith('## '))).toEqual([
      '## sonnet',
      '## wrong',
      '## Not resolved',
    ]);
  });
});

describe('the comparison', () => {
  const a = [
    result('t1', true),
    result('t2', false),
    result('t3', false),
    result('t4', true),
    result('t5', true),
  ];
  const b = [
    result('t1', true),
    result('t2', true, { dollars: 1 }),
    result('t3', true),
    result('t4', false),
    result('t9', true),
  ];

  test('pairs attempts at the same task', () => {
    expect(compareResults(a, b)).toMatchObject({
      ...{ tasks: 4, pairs: 4, both: 1, onlyA: 1, onlyB: 2, neither: 0 },
      ...{ difference: 0.25, p: 1 },
    });
    expect(renderComparison(a, b).join('\n')).toContain(
      '4 pairs of attempts at 4 tasks: both resolved 1, only A 1, only B 2, neither 0.',
    );
    expect(renderComparison(a, b).join('\n')).toMatch(/dollars +\| 0\.500 +\| 0\.625/);
  });

  test('treats repeats of a task as one', () => {
    const repeat = (resolved: boolean) =>
      [1, 2, 3].map((number) => result('t1', resolved, { repeat: number }));
    expect(compareResults(repeat(false), repeat(true))).toMatchObject({ tasks: 1, pairs: 3, onlyB: 3, p: 1 });
  });

  test('says that the files have no task in common', () => {
    expect(() => compareResults([result('t1', true)], [result('t2', true)])).toThrow(
      'compare: expected a task that is in both files; found none',
    );
  });
});
