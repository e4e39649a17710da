import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decideAdmission,
  type Limits,
  type Scope,
  type Usage,
  type WaitingRun,
} from '../../src/runs/admission.js';

const none: Limits = { atOnce: null, runs: null, tokens: null, dollars: null };
const nothing: Usage = { atOnce: 0, runs: 0, tokens: 0, dollars: 0 };
const budget = { tokens: 1000, dollars: 5 };
const waiting = (...people: string[]): WaitingRun[] =>
  people.map((user, index) => ({ id: `r${index}`, user, login: user, repository: '1' }));
const decide = (runs: WaitingRun[], limits: Partial<Record<Scope, Limits>>, used: Usage = nothing) => {
  const all = { user: none, repository: none, server: none, ...limits };
  const { admitted, held } = decideAdmission(runs, () => used, all, budget);
  return { admitted: admitted.map(({ id }) => id), held: held.map(({ reason }) => reason) };
};

describe('decideAdmission', () => {
  test('admits everything without limits', () => {
    expect(decide(waiting('ada', 'ada', 'bob'), {})).toEqual({ admitted: ['r0', 'r1', 'r2'], held: [] });
  });

  test("one user's runs do not block those of another", () => {
    expect(decide(waiting('ada', 'ada', 'ada', 'bob'), { user: { ...none, atOnce: 1 } })).toEqual({
      admitted: ['r0', 'r3'],
      held: Array(2).fill(
        '@ada has 1 run in progress, which is the limit; this one starts when one of them ends',
      ),
    });
  });

  test('counts what a run may spend before it has spent it', () => {
    const limits = { server: { ...none, dollars: 12 } };
    expect(decide(waiting('ada', 'bob', 'eve'), limits).admitted).toEqual(['r0', 'r1']);
    expect(decide(waiting('ada', 'bob'), limits, { ...nothing, dollars: 7.01 }).admitted).toEqual([]);
  });

  test('enforces every limit for everyone, and delays nobody without need', () => {
    const limit = fc.option(fc.integer({ min: 1, max: 5 }), { nil: null });
    const limits = fc.record({
      atOnce: limit,
      runs: limit,
      tokens: fc.option(fc.integer({ min: 1000, max: 5000 }), { nil: null }),
      dollars: fc.option(fc.integer({ min: 5, max: 30 }), { nil: null }),
    });
    const run = fc.record({
      user: fc.constantFrom('ada', 'bob', 'eve'),
      repository: fc.constantFrom('1', '2'),
    });
    fc.assert(
      fc.property(
        fc.record({ user: limits, repository: limits, server: limits }),
        fc.array(run, { maxLength: 12 }),
        (all, asked) => {
          const runs = asked.map((one, index) => ({ ...one, id: `r${index}`, login: one.user }));
          const { admitted, held } = decideAdmission(runs, () => nothing, all, budget);
          const fits = (inside: WaitingRun[]) =>
            (['user', 'repository', 'server'] as const).every((scope) => {
              const counts = new Map<string, number>();
              for (const one of inside) {
                const key = scope === 'server' ? '' : one[scope];
                counts.set(key, (counts.get(key) ?? 0) + 1);
              }
              const { atOnce, runs: most, tokens, dollars } = all[scope];
              return [...counts.values()].every(
                (count) =>
                  count <= (atOnce ?? 99) &&
                  count <= (most ?? 99) &&
                  count * budget.tokens <= (tokens ?? 1e9) &&
                  count * budget.dollars <= (dollars ?? 1e9),
              );
            });
          expect(fits(admitted)).toBe(true);
          for (const { run: one } of held) expect(fits([...admitted, one])).toBe(false);
        },
      ),
    );
  });
});
