// Chooses the folder for temporary files, and starts one Postgres for all test files. Each file creates its own
// databases in it (test-database.ts).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../dist/database/connection/embedded-postgres.js';
import { createTemplate } from './create-template.mjs';

export default async function setUp() {
  const folder = await mkdtemp(path.join(await findFastFolder(), 'pw-'));
  // When root starts it, Postgres runs as another user, who must be able to enter the folder.
  await chmod(folder, 0o711);
  // The path is short, because it is the beginning of the paths of Unix sockets, which have at most 107 bytes.
  process.env.TMPDIR = folder;
  const postgres = await startEmbeddedPostgres(path.join(folder, 'postgres'));
  await skipDurability(postgres.url);
  await createTemplate(postgres.url);
  process.env.TEST_POSTGRES_URL = postgres.url;
  globalThis.testPostgres = { ...postgres, folder };
}

/**
 * Returns the folder in memory that Linux has, if it has enough room and programs can run in it. The tests create
 * and delete many small files, among them databases. On a disk this took a sixth of the time of the processors.
 */
async function findFastFolder() {
  const memory = '/dev/shm';
  if (!existsSync(memory)) return tmpdir();
  const { bavail, bsize } = await statfs(memory);
  return bavail * bsize >= neededBytes && (await runsPrograms(memory)) ? memory : tmpdir();
}

const neededBytes = 8 * 1024 ** 3;

/** Returns whether a program in a new folder can run. Docker mounts /dev/shm so that none can. */
async function runsPrograms(parent) {
  const folder = await mkdtemp(path.join(parent, 'pw-'));
  const program = path.join(folder, 'program');
  await writeFile(program, '#!/bin/sh\n', { mode: 0o700 });
  const { status } = spawnSync(program);
  await rm(folder, { recursive: true });
  return status === 0;
}

/** Lets Postgres not wait for the disk. Only a crash of the whole machine could lose data of the tests. */
async function skipDurability(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit', 'autovacuum'])
    await client.query(`alter system set ${setting} = off`);
  await client.query('select pg_reload_conf()');
  await client.end();
}
