import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { migrate, readMigrations } from '../src/db.js';
import { useEmptyDatabase } from '../support/harness.js';

const db = await useEmptyDatabase();

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shop-migrations-'));
});
afterEach(() => rm(dir, { recursive: true }));

/**
 * @param {string} name
 * @param {string} sql
 */
function writeMigration(name, sql) {
  return writeFile(join(dir, name), sql);
}

test('migrate applies missing migrations in order, and each only once', async () => {
  const names = (await readMigrations()).map((migration) => migration.name);

  assert.deepEqual(await migrate(db, { to: '0001_products' }), ['0001_products']);
  assert.deepEqual(await migrate(db), names.slice(1));
  assert.deepEqual(await migrate(db), []);
});

test('a failing migration also rolls back the ones before it', async () => {
  await writeMigration('0001_good.sql', 'create table good (id integer)');
  await writeMigration('0002_bad.sql', 'create table bad (id integr)');

  await assert.rejects(migrate(db, { dir }), /type "integr" does not exist/);

  const { rows } = await db.query(`select tablename from pg_tables where schemaname = 'public'`);
  assert.deepEqual(rows, []);
});

test('migrate rejects a migration that was edited after it was applied', async () => {
  await writeMigration('0001_good.sql', 'create table good (id integer)');
  await migrate(db, { dir });
  await writeMigration('0001_good.sql', 'create table good (id bigint)');

  await assert.rejects(migrate(db, { dir }), /Migration 0001_good was edited after it was applied/);
});

test('migrations must be numbered without gaps', async () => {
  await writeMigration('0001_good.sql', 'create table good (id integer)');
  await writeMigration('0003_gap.sql', 'create table gap (id integer)');

  await assert.rejects(migrate(db, { dir }), /0003_gap\.sql: expected the name 0002_<name>\.sql/);
});
