import { execFileSync } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../../src/database/connection/embedded-postgres.js';
import { migrateDatabase } from '../../../src/database/connection/migrate-database.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let server: EmbeddedPostgres;

beforeEach(async () => {
  folder = await createTemporaryFolder();
  server = await startEmbeddedPostgres(path.join(folder.path, 'postgres'));
});
afterEach(async () => {
  await server.stop();
  await folder.remove();
});

async function query(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('a server that is still running is adopted', async () => {
  await query(server.url, 'create table kept (x int)');
  const second = await startEmbeddedPostgres(path.join(folder.path, 'postgres'));
  expect(second).toMatchObject({ adopted: true, url: server.url });
  expect(await query(second.url, 'select * from kept')).toEqual([]);
});

test('data survives a stop and a start of the server', async () => {
  await query(server.url, 'create table kept as select 7 as x');
  await server.stop();
  server = await startEmbeddedPostgres(path.join(folder.path, 'postgres'));
  expect(server.adopted).toBe(false);
  expect(await query(server.url, 'select * from kept')).toEqual([{ x: 7 }]);
});

test('the server runs below a folder that its user cannot enter, and the folder keeps its mode', async () => {
  const closed = path.join(folder.path, 'closed');
  await mkdir(closed, { mode: 0o700 });
  const inside = await startEmbeddedPostgres(path.join(closed, 'postgres'));
  try {
    expect(await query(inside.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await startEmbeddedPostgres(path.join(closed, 'postgres'))).toMatchObject({ adopted: true });
    expect((await stat(closed)).mode & 0o777).toBe(0o700);
  } finally {
    await inside.stop();
  }
});

test('a path that is too long for a socket is refused with an explanation', async () => {
  const long = path.join(folder.path, 'x'.repeat(90));
  await expect(startEmbeddedPostgres(long)).rejects.toThrow(
    /PULLWRIGHT_HOME: expected a path of at most 84 characters/,
  );
});

test('the server listens on no port and refuses connections without its password', async () => {
  expect(await query(server.url, 'show listen_addresses')).toEqual([{ listen_addresses: '' }]);
  const guessed = new URL(server.url);
  guessed.password = 'password';
  await expect(query(guessed.href, 'select 1')).rejects.toThrow(/password authentication failed/);
});

test('a copy of the folder of a stopped server is a backup', async () => {
  await query(server.url, 'create table kept as select 7 as x');
  await server.stop();
  const copy = path.join(folder.path, 'restored');
  execFileSync('cp', ['-a', path.join(folder.path, 'postgres'), copy]);
  const restored = await startEmbeddedPostgres(copy);
  try {
    expect(await query(restored.url, 'select * from kept')).toEqual([{ x: 7 }]);
  } finally {
    await restored.stop();
  }
});

test('data of another major version is refused with an explanation and not changed', async () => {
  await server.stop();
  const version = path.join(folder.path, 'postgres', 'data', 'PG_VERSION');
  const before = await readFile(version, 'utf8');
  await writeFile(version, '12\n');
  await expect(startEmbeddedPostgres(path.join(folder.path, 'postgres'))).rejects.toThrow(
    /expected data of Postgres \d+; .* has data of Postgres 12/,
  );
  await writeFile(version, before);
});

test('a database that a newer version migrated is refused with an explanation', async () => {
  await migrateDatabase(server.url);
  await query(server.url, "insert into pullwright.migrations (name, run_on) values ('9999_later', now())");
  await expect(migrateDatabase(server.url)).rejects.toThrow(
    /expected a schema that this version knows; a newer version has migrated it \(9999_later\)/,
  );
});

test('two processes can migrate the same database at once', async () => {
  await Promise.all([migrateDatabase(server.url), migrateDatabase(server.url)]);
  expect(await query(server.url, 'select * from pullwright.runs')).toEqual([]);
});
