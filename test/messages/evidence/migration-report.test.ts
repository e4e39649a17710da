import { expect, test } from '@jest/globals';
import type { Migrations } from '../../../src/evidence/migration-evidence.js';
import { describeMigrations } from '../../../src/messages/evidence/migration-report.js';
import { escapeOnly } from '../../../src/text/untrusted-text.js';

const migrations: Migrations = {
  ...{ tool: 'Knex', server: 'PostgreSQL 18.4', added: ['migrations/2.js'], edited: [], notRehearsed: null },
  ...{ tables: 2, rows: 2000, unfilled: ['tags has 36 rows: its unique columns have no more values'] },
  stages: [
    { name: 'up', command: 'npm run migrate', durationMs: 1234, error: null },
    { name: 'down', command: 'knex migrate:down', durationMs: 900, error: 'no `way` back @ada' },
  ],
  statements: [
    {
      sql: 'alter table orders\n add x text default a | b',
      locks: [{ table: 'orders', mode: 'ACCESS EXCLUSIVE' }],
      ...{ rewrites: ['orders'], durationMs: 12.34, rows: 1000 },
    },
    { sql: 'alter table users x', locks: [], rewrites: [], durationMs: null, rows: null },
  ],
  updates: ['orders: 200 updated of 1000 rows'],
  schema: { added: ['column public.orders.x text'], removed: [] },
  damage: ['It drops the table old with 5 rows.'],
  faults: ['The migrations cannot be undone: <b>.'],
  notes: [],
  output: '',
  oldCode: { passed: 3, failing: ['a › b'] },
};
const describeIt = (more: Partial<Migrations> = {}) =>
  describeMigrations({ ...migrations, ...more }, escapeOnly);

test('the result comes first, then what is wrong, and then everything that was measured', () => {
  const section = describeIt();
  expect(section).toMatchObject({ title: 'Migrations: failed down', isBad: true });
  const text = section?.body ?? '';
  expect(text).toMatch(
    /^Knex: 1 migration, failed in up, down on 2,000 rows in 2 tables of PostgreSQL 18\.4; 1 table rewritten\.\n\n- ⚠️ The migrations cannot be undone: .*\n- It drops the table old with 5 rows\.\n\n\| statement/,
  );
  expect(text).toContain(
    '| `alter table orders add x text default a ¦ b` | ACCESS EXCLUSIVE (no reads, no writes) on `orders` | ⚠️ `orders` | 12.3 ms on 1,000 rows |',
  );
  expect(text).toContain('| `alter table users x` | – | no | failed |');
  expect(text).toContain('- up: `npm run migrate`, 1.2 s');
  expect(text).not.toContain('@ada');
  expect(text).toMatch(/3 pass as before, ⚠️ 1 newly fails\. .*\n\n- `a › b`/);
});

test('migrations that pass without damage are no bad news', () => {
  const stages = migrations.stages.map((stage) => ({ ...stage, error: null }));
  expect(describeIt({ stages, faults: [], damage: [] })).toMatchObject({
    ...{ title: 'Migrations: up, down on 2,000 rows', isBad: false },
  });
});

test('one line says why migrations were not rehearsed', () => {
  expect(
    describeIt({ notRehearsed: 'mysql:8 is not supported yet, only PostgreSQL is', faults: [], damage: [] }),
  ).toEqual({
    title: 'Migrations: not rehearsed',
    isBad: true,
    body: 'Knex: not rehearsed, because mysql:8 is not supported yet, only PostgreSQL is.',
  });
  expect(describeMigrations(null, escapeOnly)).toBeNull();
});
