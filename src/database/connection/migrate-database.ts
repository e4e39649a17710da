import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { ConfigError } from '../../config/read-config.js';

/** The key of the advisory lock for migrations. Nothing else in this database uses this number. */
const lockKey = 72_101_197;

const folder = path.join(import.meta.dirname, 'migrations');

/**
 * Applies the migrations that the database does not have yet. Migrations cannot be undone. If two processes
 * start at the same time, the second waits for the first and then finds nothing to do.
 * @throws ConfigError when a newer version of Pullwright has migrated the database
 */
export async function migrateDatabase(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [lockKey]);
    await refuseNewerSchema(client);
    await runner({
      dbClient: client,
      dir: folder,
      direction: 'up',
      migrationsTable: 'migrations',
      schema: 'pullwright',
      createSchema: true,
      noLock: true,
      singleTransaction: true,
      logger: { debug: () => {}, info: () => {}, warn: console.warn, error: console.error },
    });
  } finally {
    await client.end();
  }
}

/**
 * Refuses a schema that a newer version of Pullwright has migrated. This version could write rows that the
 * newer version cannot read. It could also leave out values that the newer schema requires.
 */
async function refuseNewerSchema(client: pg.Client): Promise<void> {
  const { rows: tables } = await client.query("select to_regclass('pullwright.migrations') as found");
  if (tables[0]?.found === null) return;
  const { rows } = await client.query<{ name: string }>('select name from pullwright.migrations order by id');
  const known = new Set((await readdir(folder)).map((file) => path.parse(file).name));
  const unknown = rows.filter(({ name }) => !known.has(name)).map(({ name }) => name);
  if (unknown.length > 0)
    throw new ConfigError([
      'database: expected a schema that this version knows; ' +
        `a newer version has migrated it (${unknown.join(', ')}). Start that version, or restore a backup`,
    ]);
}
