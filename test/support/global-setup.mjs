// Starts one Postgres for all test files. Each file creates its own databases in it (test-database.ts).
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { startEmbeddedPostgres } from '../../dist/database/connection/embedded-postgres.js';
import { migrateDatabase } from '../../dist/database/connection/migrate-database.js';
import { openQueue } from '../../dist/engine/queue.js';

export default async function setUp() {
  const folder = await mkdtemp(path.join(tmpdir(), 'pullwright-test-'));
  // When root starts it, Postgres runs as another user, who must be able to enter the folder.
  await chmod(folder, 0o711);
  const postgres = await startEmbeddedPostgres(path.join(folder, 'postgres'));
  await createTemplate(postgres.url);
  process.env.TEST_POSTGRES_URL = postgres.url;
  globalThis.testPostgres = { ...postgres, folder };
}

/** Creates the database that every test database is a copy of. A copy is a second faster than the migrations. */
async function createTemplate(server) {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query('create database template_migrated');
  const url = server.replace('/postgres?', '/template_migrated?');
  await migrateDatabase(url);
  const queue = await openQueue(url, pino({ level: 'warn' }));
  await queue.close();
  await client.query('alter database template_migrated allow_connections false');
  await client.end();
}
