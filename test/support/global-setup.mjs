// Starts one Postgres for all test files. Each file creates databases of its own in it (test-database.ts).
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from '../../dist/database/connection/embedded-postgres.js';

export default async function setUp() {
  const folder = await mkdtemp(path.join(tmpdir(), 'pullwright-test-'));
  // When root starts it, Postgres runs as another user, who must be able to enter the folder.
  await chmod(folder, 0o711);
  const postgres = await startEmbeddedPostgres(path.join(folder, 'postgres'));
  process.env.TEST_POSTGRES_URL = postgres.url;
  globalThis.testPostgres = { ...postgres, folder };
}
