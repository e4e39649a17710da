import { expect, test } from '@jest/globals';
import { runSql } from '../../src/databases/run-sql.js';
import { findRunner } from '../../src/evidence/commands/find-runner.js';
import { compareQueries } from '../../src/queries/compare-queries.js';
import { recordQueries } from '../../src/queries/record-queries.js';
import type { DatabaseServer } from '../../src/workspace/provision.js';
import { commitFiles, usePostgres } from '../services/use-postgres.js';

const machine = usePostgres();

const schema = `
  create table if not exists customers (id serial primary key, email text not null);
  create table if not exists orders (id serial primary key, customer_id integer not null references customers);
`;
const start = `const { Client } = require('pg');
const { after, before, beforeEach, describe, test } = require('node:test');
const { equal } = require('node:assert/strict');
const { list } = require('../src/orders.js');
const db = new Client({ host: 'db', user: 'postgres', password: 'secret' });
before(async () => {
  await db.connect();
  await db.query(\`${schema}\`);
});
after(() => db.end());
`;
const oldProduct = `exports.list = async (db) =>
  (await db.query('select o.id, c.email from orders o join customers c on c.id = o.customer_id')).rows;
`;
const newProduct = `exports.list = async (db) => {
  const { rows } = await db.query('select id, customer_id from orders');
  for (const row of rows)
    row.email = (await db.query('select email from customers where id = $1', [row.customer_id])).rows[0].email;
  return rows;
};
exports.findByEmail = async (db, email) =>
  (await db.query("select id from customers where email = '" + email + "'")).rows;
`;
const oldTests = `${start}
describe('orders', () => {
  beforeEach(async () => {
    await db.query('truncate customers, orders restart identity');
    for (let id = 1; id <= 12; id += 1) {
      await db.query('insert into customers (email) values ($1)', ['c' + id + '@example.org']);
      await db.query('insert into orders (customer_id) values ($1)', [id]);
    }
  });
  test('are listed', async () => equal((await list(db)).length, 12));
  test('are counted', async () =>
    equal((await db.query('select count(*)::int as n from orders')).rows[0].n, 12));
});
`;
const newTests = `${oldTests}
test('finds a customer', async () => {
  const { findByEmail } = require('../src/orders.js');
  equal((await findByEmail(db, 'c7@example.org')).length, 1);
});
`;

test('statements of each test are counted, and compared with the base commit', async () => {
  const command = 'node --test';
  const tests = [{ command, folder: '', ...findRunner(command, {}) }];
  const file = 'test/orders.test.js';
  const { workspace, base } = await machine.open('acme/shop', {
    'src/orders.js': oldProduct,
    [file]: oldTests,
  });
  const change = await commitFiles(workspace, base, { 'src/orders.js': newProduct, [file]: newTests });
  const [server] = workspace.databases;
  if (!server) throw new Error('expected a database');
  const record = async (commit: string) => {
    const { sandbox, dispose } = await workspace.openScratchCopy(commit);
    const recorded = await recordQueries({ sandbox, server, deadline: Date.now() + 200_000 }, tests, [file]);
    await dispose();
    return recorded;
  };
  const before = await record(base);
  // The hook `beforeEach` inserts 24 rows.
  expect(before).toEqual({
    tests: [
      { file, name: 'orders › are listed', statements: 25, repeated: [] },
      { file, name: 'orders › are counted', statements: 25, repeated: [] },
    ],
    unindexed: [],
    unrecorded: [],
    fault: null,
  });
  const perCustomer = 'select email from customers where id = $1';
  const after = await record(change);
  expect(compareQueries(server.title, { before, after })).toEqual({
    ...{ server: server.title, tests: 3, statements: 37 + 25 + 1, common: null },
    changed: [{ test: `${file} › orders › are listed`, before: 25, after: 37 }],
    repeated: [{ test: `${file} › orders › are listed`, statement: perCustomer, times: 12 }],
    unindexed: [
      {
        test: `${file} › finds a customer`,
        statement: 'select id from customers where email = ?',
        ...{ table: 'customers', condition: 'email = ?' },
      },
    ],
    notes: [],
  });
  // What the base commit has already is not said again.
  const same = compareQueries(server.title, { before: after, after });
  expect(same).toMatchObject({ changed: [], repeated: [], unindexed: [] });
});

const special = `${start.replace("const { list } = require('../src/orders.js');\n", '').replace(
  schema,
  `
  create table parents (id serial primary key, email text, code varchar(10), total integer);
  create table children (id serial primary key, parent_id integer references parents deferrable initially deferred);
  create index on children (parent_id);
  create index on parents (code);
  insert into parents (email) values ('a');
  create procedure walk() language plpgsql as 'begin for i in 1..12 loop perform 1 from parents where id = i; end loop; end';
`,
)}
const twelve = Array.from({ length: 12 }, (_, index) => index);
test('checks of foreign keys', async () => {
  await db.query('begin');
  await db.query('insert into children (parent_id) values ' + twelve.map(() => '(1)').join());
  await db.query('commit');
});
test('statements of a procedure', () => db.query('call walk()'));
test('several statements in one text', () =>
  db.query(twelve.map(() => 'select 1 from parents').join(';')));
test('different long statements', async () => {
  const columns = twelve.map((index) => 'email as "a rather long alias of a column, number ' + index + '"').join();
  for (const index of twelve) await db.query('select ' + columns + ' from parents where total > ' + index + ' and id + ' + 'id + '.repeat(index) + '1 > 0');
});
test('comments', async () => {
  for (const index of twelve) await db.query("/* it's " + index + " */ select 1 from parents where email is null -- it's");
});
test('conditions with an index', async () => {
  await db.query('select * from children where parent_id = 1 order by id limit 1');
  await db.query("select * from parents where code = 'a'");
  await db.query('select * from parents p where p.total > 1 and p.email is null');
});
test('conditions without an index', async () => {
  await db.query("select * from parents p where p.email = 'a' or p.total = 5");
  await db.query("select * from parents where id::text = '5'");
});
test('tables of one session, and functions', async () => {
  await db.query('create temporary table passing (id integer)');
  await db.query('insert into passing select * from unnest($1::integer[])', [[1, 2]]);
  await db.query('select relname from pg_class where relkind = $1', ['r']);
});
`;

test('only what the tests themselves run is counted, and no index that is there is missing', async () => {
  const command = 'node --test';
  const tests = [{ command, folder: '', ...findRunner(command, {}) }];
  const file = 'test/special.test.js';
  const { workspace, base } = await machine.open('acme/special', { [file]: special });
  const [server] = workspace.databases;
  if (!server) throw new Error('expected a database');
  const { sandbox, dispose } = await workspace.openScratchCopy(base);
  const deadline = Date.now() + 200_000;
  const recorded = await recordQueries({ sandbox, server, deadline }, tests, [file]);
  await dispose();
  const numbers = recorded.tests.map(({ name, statements, repeated }) => [name, statements, repeated.length]);
  expect(numbers).toEqual([
    ['checks of foreign keys', 1, 0],
    ['statements of a procedure', 0, 0],
    ['several statements in one text', 12, 0],
    ['different long statements', 12, 0],
    ['comments', 12, 1],
    ['conditions with an index', 3, 0],
    ['conditions without an index', 2, 0],
    ['tables of one session, and functions', 1, 0],
  ]);
  expect(recorded.unindexed.map(({ table, condition }) => `${table}: ${condition}`)).toEqual([
    'parents: ((email = ?) OR (total = ?))',
    'parents: (id)::text = ?',
  ]);
});

test.each<[string, Partial<DatabaseServer>, string[], RegExp]>([
  ['cannot be reached', { socket: '/nowhere' }, [], /^connect ENOENT /],
  [
    'whose options contradict',
    {},
    ["alter role postgres set enable_seqscan = 'on'"],
    /^the repository's service sets enable_seqscan to on$/,
  ],
])('a server that %s is named', async (_, more, statements, fault) => {
  const { workspace, base } = await machine.open('acme/set', { 'a.js': '' });
  const [server] = workspace.databases;
  if (!server) throw new Error('expected a database');
  const { sandbox, dispose } = await workspace.openScratchCopy(base);
  const scratch = { sandbox, server: { ...server, ...more }, deadline: Date.now() + 60_000 };
  await runSql(
    { ...scratch, server },
    statements.map((sql) => ({ database: 'postgres', attempts: [sql] })),
  );
  expect(await recordQueries(scratch, [], [])).toEqual({
    ...{ tests: [], unindexed: [], unrecorded: [] },
    fault: expect.stringMatching(fault),
  });
  await dispose();
});
