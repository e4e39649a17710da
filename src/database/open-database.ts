import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import type { Log } from '../log.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import { guardPool, mostIdleInTransactionMs } from './guard-pool.js';
import { type Keeper, keepServed } from './keep-served.js';
import { migrateDatabase } from './migrate-database.js';

export interface Database {
  url: string;
  pool: pg.Pool;
  /** True when this process started the server, and so has to stop it. */
  ownsServer: boolean;
  /** Has the server started again whenever it ends by itself; null where it is not ours. For a process that lives long. */
  keepServed(): Keeper | null;
  close(options: { stopServer: boolean }): Promise<void>;
}

/** The Postgres of `DATABASE_URL`, or our own under `home`; with our tables up to date. */
export async function openDatabase(options: {
  databaseUrl: string | null;
  home: string;
  log: Log;
}): Promise<Database> {
  await mkdir(options.home, { recursive: true });
  const embedded = options.databaseUrl
    ? null
    : await startEmbeddedPostgres(path.join(options.home, 'postgres'));
  const url = options.databaseUrl ?? embedded?.url ?? '';
  await migrateDatabase(url);
  const pool = guardPool(
    new pg.Pool({
      connectionString: url,
      max: 10,
      // Below octokit/webhooks' 9 seconds: a delivery that cannot be kept is answered as such.
      connectionTimeoutMillis: 4000,
      statement_timeout: 8000,
      idle_in_transaction_session_timeout: mostIdleInTransactionMs,
    }),
    options.log,
  );
  return {
    url,
    pool,
    ownsServer: embedded !== null && !embedded.adopted,
    keepServed: () => embedded && keepServed(embedded, pool, options.log),
    close: async ({ stopServer }) => {
      await pool.end();
      if (stopServer) await embedded?.stop();
    },
  };
}
