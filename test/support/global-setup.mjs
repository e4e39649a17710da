// Starts one Postgres for all test files. Each file creates its own databases in it (test-database.ts).
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../dist/database/connection/embedded-postgres.js';
import { createTemplate } from './create-template.mjs';

export default async function setUp() {
  const folder = await mkdtemp(path.join(tmpdir(), 'pullwright-test-'));
  // When root starts it, Postgres runs as another user, who must be able to enter the folder.
  await chmod(folder, 0o711);
  const postgres = await startEmbeddedPostgres(path.join(folder, 'postgres'));
  await skipDurability(postgres.url);
  await createTemplate(postgres.url);
  process.env.TEST_POSTGRES_URL = postgres.url;
  globalThis.testPostgres = { ...postgres, folder };
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
