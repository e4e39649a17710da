import type { EventEmitter } from 'node:events';
import pg from 'pg';
import { guardPool, mostIdleInTransactionMs } from '../database/guard-pool.js';
import type { Log } from '../log.js';

/**
 * How a database that goes away can look to a connection, beside what DBOS knows itself: the other end is gone in the middle
 * of a write, or a unix socket is not there, or not yet listened on.
 */
const alsoAway = new Set(['EPIPE', 'ENOENT', 'EAGAIN']);

/**
 * The engine's own connections. DBOS waits for a database that is away, but does not see that it is by each of the errors that
 * say so; what it does not wait for ends the workflow that was asking, without any word to people. So those errors are told in
 * a word that it knows. test/engine/engine-pool.test.ts has both of them.
 * @param max connections at once
 */
export function openEnginePool(databaseUrl: string, log: Log, max = 10): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max,
    connectionTimeoutMillis: 10_000,
    application_name: 'pullwright engine',
    // As DBOS has it on connections that it makes itself.
    idle_in_transaction_session_timeout: mostIdleInTransactionMs,
    Client: TellingClient,
  });
  return guardPool(pool, log);
}

class TellingClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    const { connection } = this as unknown as { connection: EventEmitter };
    connection.on('error', (error: NodeJS.ErrnoException) => {
      if (alsoAway.has(error.code ?? '')) error.code = 'ECONNRESET';
    });
  }
}
