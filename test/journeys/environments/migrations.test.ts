import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type NpmRegistry, startNpmRegistry } from '../../support/npm-registry.js';
import { packInstalled } from '../../support/pack-installed.js';
import { queryModule, testedProject } from '../../support/sample-projects.js';
import { runIssue } from '../../support/world/run-issue.js';
import { startWorld, type World } from '../../support/world/start-world.js';

let registry: NpmRegistry;
let world: World;

beforeAll(async () => {
  registry = await startNpmRegistry(packInstalled('pg', 'node-pg-migrate'));
  world = await startWorld({ EGRESS: 'registries', npm_config_registry: registry.url });
});

afterAll(async () => {
  await world.stop();
  await registry.stop();
});

/** A service whose CI applies migrations before the tests. */
const shop = {
  '.gitignore': 'node_modules\n',
  'package.json': JSON.stringify({
    name: 'shop',
    type: 'module',
    scripts: { test: 'node --test', migrate: 'node-pg-migrate' },
    dependencies: { pg: '^8.0.0', 'node-pg-migrate': '^9.0.0' },
  }),
  '.github/workflows/ci.yml': `on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    services:
      postgres:
        image: postgres:18
        env: { POSTGRES_USER: shop, POSTGRES_PASSWORD: secret, POSTGRES_DB: shop_test }
        ports: ['5432:5432']
    env:
      DATABASE_URL: postgres://shop:secret@localhost:5432/shop_test
    steps:
      - uses: actions/checkout@v4
      - run: npm install
      - run: npm run migrate up
      - run: npm test
`,
  'migrations/1_first.js': `export const up = (pgm) => pgm.sql(\`
create table customers (id serial primary key, email text not null unique);
create table orders (id serial primary key, customer_id integer not null references customers, note text);\`);
export const down = (pgm) => pgm.sql('drop table orders; drop table customers;');
`,
  'db.js': queryModule,
  'orders.js': `import { query } from './db.js';
export const columns = async () =>
  (await query("select column_name from information_schema.columns where table_name = 'orders'")).map(
    (row) => row.column_name,
  );
export const noNote = () => query('insert into customers (email) values ($1) returning id', [String(Math.random())])
  .then(([{ id }]) => query('insert into orders (customer_id) values ($1)', [id]));
`,
  'orders.test.js': `import assert from 'node:assert';
import { test } from 'node:test';
import { columns, noNote } from './orders.js';

test('orders have notes', async () => assert.ok((await columns()).includes('note')));
test('an order needs no note', () => noNote());
`,
};

/** Each rehearsal starts a server many times. */
const patienceMs = 500_000;

const write = (file: string, text: string) => `cat > ${file} <<'END'\n${text}\nEND`;

describe('the migrations of a change', () => {
  test('are applied, undone and applied again on tables with rows, and the pull request shows it', async () => {
    const change = [
      write(
        'migrations/2_paid.js',
        "export const up = (pgm) => pgm.sql('alter table orders add column paid_at timestamptz; create index on orders (customer_id)');\n" +
          "export const down = (pgm) => pgm.sql('drop index orders_customer_id_idx; alter table orders drop column paid_at');",
      ),
      write(
        'paid.test.js',
        `import assert from 'node:assert';
import { test } from 'node:test';
import { columns } from './orders.js';
test('orders can be paid', async () => assert.ok((await columns()).includes('paid_at')));`,
      ),
    ].join('\n');
    const { outcome, pulls, run } = await runIssue(world, {
      patienceMs,
      files: shop,
      turns: [
        {
          expect: ['2 passed, 0 failed'],
          calls: [
            ['bash', { command: change }],
            ['submit', { title: 'Paid orders', summary: 'Orders have paid_at.' }],
          ],
        },
      ],
    });
    const body = pulls[0]?.body ?? '';
    expect(body).toMatch(
      /<summary>Migrations: up, down, up again on 2,000 rows<\/summary>\n\nnode-pg-migrate: 1 migration, passed up, down, up again on 2,000 rows in 2 tables of PostgreSQL 18\.\d+; no table was rewritten\./,
    );
    expect(body).toMatch(
      /\| `alter table orders add column paid_at timestamptz` \| ACCESS EXCLUSIVE [^|]*`orders` \| no \| \d+\.\d ms on 1,000 rows \|/,
    );
    expect(body).toContain('on the new schema: 2 pass as before, none newly fails.');
    expect(body).toContain('npm run migrate up');
    expect(body).toContain('column public.orders.paid_at timestamp with time zone');
    // The test of the new column finds it, because CI applies migrations before the tests.
    expect(body).toMatch(/after, with the change \| 3 \| 0 \| 0 \| exit code 0/);
    expect(outcome).toMatchObject({ kind: 'pull-request' });
    expect(await run.events()).toContainEqual(
      expect.objectContaining({
        type: 'migrations-rehearsed',
        added: 1,
        rows: 2000,
        faults: 0,
        notRehearsed: null,
      }),
    );
  }, 600_000);

  test('go back to the agent if rows break them', async () => {
    const ci = `on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    services: { postgres: { image: 'postgres:18', env: { POSTGRES_PASSWORD: secret }, ports: ['5432:5432'] } }
    steps: [{ run: npm test }]
`;
    const first = 'create table orders (id serial primary key, note text);\n';
    const migration = (before: string) =>
      [
        write(
          'migrations/2_notes.up.sql',
          `${before}alter table orders alter column note set default '', alter column note set not null;`,
        ),
        write(
          'migrations/2_notes.down.sql',
          'alter table orders alter column note drop not null, alter column note drop default;',
        ),
      ].join('\n');
    const { outcome, pulls } = await runIssue(world, {
      patienceMs,
      files: { ...testedProject, '.github/workflows/ci.yml': ci, 'migrations/1_orders.up.sql': first },
      turns: [
        {
          calls: [
            ['bash', { command: migration('') }],
            ['submit', { title: 'Notes', summary: 'Each order has a note.' }],
          ],
        },
        {
          expect: ['The migrations fail on tables with rows', 'contains null values'],
          calls: [
            ['bash', { command: migration("update orders set note = '' where note is null;\n") }],
            ['submit', { title: 'Notes', summary: 'Each order has a note. Old orders get an empty one.' }],
          ],
        },
      ],
    });
    const body = pulls[0]?.body ?? '';
    expect(body).toContain('passed up, down, up again on 1,000 rows in 1 table of PostgreSQL');
    expect(body).toContain('orders.note can no longer be null.');
    expect(body).toContain('orders: 200 updated of 1000 rows');
    expect(body).toContain('Down does not bring back the old content of orders.note.');
    expect(body).toContain('the rehearsal of the migrations found faults');
    expect(outcome).toMatchObject({ kind: 'pull-request' });
  }, 600_000);
});
