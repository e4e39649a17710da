import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import type { Log } from '../../log.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import { guardPool, maxIdleInTransactionMs } from './guard-pool.js';
import { migrateDatabase } from './migrate-database.js';
import { type Supervisor, supervisePostgres } from './supervise-postgres.js';

export interface Database {
  url: string;
  pool: pg.Pool;
  /** Whether this process started the embedded Postgres and therefore has to stop it. */
  ownsServer: boolean;
  /**
   * Starts a supervisor that restarts the embedded Postgres whenever it stops unexpectedly. Only long-lived
   * processes need this.
   * @returns null when the database is not the embedded Postgres
   */
  superviseServer(): Supervisor | null;
  close(options: { stopServer: boolean }): Promise<void>;
}

/**
 * Opens the database at `databaseUrl` and migrates it. If `databaseUrl` is null, opens the embedded Postgres
 * in `home`.
 * @throws ConfigError in the cases that startEmbeddedPostgres and migrateDatabase describe
 */
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
      // octokit/webhooks reports success to GitHub after 9 seconds, even if a delivery is still being
      // handled. These timeouts are shorter, so that GitHub learns of a failure.
      connectionTimeoutMillis: 4000,
      statement_timeout: 8000,
      idle_in_transaction_session_timeout: maxIdleInTransactionMs,
    }),
    options.log,
  );
  return {
    url,
    pool,
    ownsServer: embedded !== null && !embedded.adopted,
    superviseServer: () => embedded && supervisePostgres(embedded, pool, options.log),
    close: async ({ stopServer }) => {
      await pool.end();
      if (stopServer) await embedded?.stop();
    },
  };
}
