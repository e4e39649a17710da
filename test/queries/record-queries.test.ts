import { expect, test } from '@jest/globals';
import { findRunner } from '../../src/evidence/commands/find-runner.js';
import { compareQueries } from '../../src/queries/compare-queries.js';
import { recordQueries } from '../../src/queries/record-queries.js';
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
    const recorded = await recordQueries({
      ...{ sandbox, server, tests, files: [file] },
      deadline: Date.now() + 200_000,
    });
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
        ...{ table: 'customers', condition: 'customers.email = ?' },
      },
    ],
    notes: [],
  });
  // What the base commit has already is not said again.
  const same = compareQueries(server.title, { before: after, after });
  expect(same).toMatchObject({ changed: [], repeated: [], unindexed: [] });
});
