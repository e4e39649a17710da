import { expect, test } from '@jest/globals';
import type { Evidence, TestRun } from '../../../src/evidence/evidence.js';
import type { Migrations } from '../../../src/evidence/migration-evidence.js';
import { summarizeEvidence } from '../../../src/messages/evidence/summarize-evidence.js';
import { noEvidence } from '../../evidence/no-evidence.js';

const cases = (passed: number): TestRun['cases'] =>
  Array.from({ length: passed }, (_, index) => ({ id: `t${index}`, file: 'a', outcome: 'passed' as const }));
const run = (more: Partial<TestRun> = {}): TestRun => ({
  ...{ command: 'npm test', runner: 'jest', exitCode: 0, ended: 'exited', durationMs: 1 },
  ...{ granularity: 'per-test', cases: cases(36), outputTail: '' },
  ...more,
});
const comparison = {
  ...{ newlyPassing: [], newlyFailing: [], failingBefore: [], flaky: [], removed: [] },
  ...{ stillPassing: 21, skipped: 0 },
};
const proof = {
  ...{ files: [], proves: [], provesNothing: [], needData: [], data: [], notComparable: [], flaky: [] },
};
const migrations: Migrations = {
  ...{ tool: 'Knex', server: 'PostgreSQL 18.4', added: ['1'], edited: [], notRehearsed: null },
  ...{ tables: 2, rows: 1000, unfilled: [], statements: [], updates: [], damage: [], faults: [], notes: [] },
  ...{ schema: { added: [], removed: [] }, output: '', oldCode: null },
  stages: (['up', 'down', 'up again'] as const).map((name) => ({
    ...{ name, command: null, durationMs: 1, error: null },
  })),
};
const statement = { sql: 'x', locks: [], rewrites: ['orders'], durationMs: 1, rows: 1 };
const summarize = (more: Partial<Evidence>) => summarizeEvidence({ ...noEvidence, ...more });
const measured: Partial<Evidence> = { before: run(), after: run(), comparison };

test('one line says all of it', () => {
  expect(
    summarize({
      ...measured,
      proof: { ...proof, proves: Array.from({ length: 15 }, (_, index) => ({ id: String(index) })) },
      migrations,
      coverage: { lines: 36, reached: 34, unreached: [], notes: [] },
      mutations: { tried: 20, unnoticed: [{ file: 'a', line: 1, was: '<', now: '<=' }], untried: 0 },
      queries: {
        ...{
          server: 'PostgreSQL 18',
          tests: 1,
          statements: 13,
          common: null,
          changed: [],
          unindexed: [],
          notes: [],
        },
        repeated: [{ test: 'a', statement: 'select 1', times: 12 }],
      },
      findings: [{ severity: 'mark', rule: 'x', path: 'a', says: 'is odd' }],
    }),
  ).toBe(
    '36 tests pass, 15 proven to fail without the change, migration up/down/up again on 1,000 rows without a rewrite, 34 of 36 changed lines tested, 19 of 20 small faults noticed, 1 statement repeated in one test, 1 place to review',
  );
});

test.each<[string, Partial<Evidence>, string]>([
  ['no tests', {}, 'No tests were found, so none ran'],
  ['tests that did not run', { before: run() }, 'The tests did not run on the change'],
  ['only an exit code', { after: run({ granularity: 'exit-code' }) }, 'The tests pass'],
  ['a bad exit code', { after: run({ exitCode: 3 }) }, 'The tests fail with exit code 3'],
  ['a time limit', { after: run({ ended: 'timeout' }) }, 'The tests did not finish (timed out)'],
  [
    'tests that newly fail, first',
    {
      ...measured,
      comparison: { ...comparison, newlyFailing: ['a'], failingBefore: ['b'], removed: ['c', 'd'] },
    },
    '1 test newly fails, 36 tests pass, 1 fails as before, 2 no longer run',
  ],
  [
    'tests that pass in a command that fails',
    { ...measured, after: run({ exitCode: 3 }) },
    '36 tests pass, the command ends with exit code 3',
  ],
  [
    'tests that were cut off',
    { ...measured, after: run({ exitCode: null, ended: 'timeout' }) },
    '36 tests pass, the tests did not finish (timed out)',
  ],
  [
    'flaky tests',
    { ...measured, after: run({ cases: cases(1) }), comparison: { ...comparison, flaky: ['a', 'b'] } },
    '1 test passes, 2 are flaky',
  ],
  [
    'tests without proof',
    { ...measured, proof: { ...proof, provesNothing: ['a'] } },
    '36 tests pass, none proven to need the change',
  ],
  [
    'migrations that fail',
    {
      ...measured,
      migrations: {
        ...migrations,
        stages: [{ name: 'up', command: null, durationMs: 1, error: 'no' }],
      },
    },
    '36 tests pass, migration failed up',
  ],
  [
    'migrations that rewrite',
    { ...measured, migrations: { ...migrations, statements: [statement, statement], faults: ['a'] } },
    '36 tests pass, migration up/down/up again on 1,000 rows rewriting 1 table, with 1 fault',
  ],
  [
    'migrations that were not rehearsed',
    { ...measured, migrations: { ...migrations, notRehearsed: 'no server' } },
    '36 tests pass, migrations not rehearsed',
  ],
])('%s', (_, more, line) => expect(summarize(more)).toBe(line));
