import path from 'node:path';
import { runner } from 'node-pg-migrate';
import pg from 'pg';

/** Any number that nothing else in this database locks on. */
const lock = 72_101_197;

/**
 * Brings our own tables up to date, forward only. Two processes that start at once take turns: the second finds
 * nothing to do.
 */
export async function migrateDatabase(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [lock]);
    await runner({
      dbClient: client,
      dir: path.join(import.meta.dirname, '..', 'runs', 'migrations'),
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
