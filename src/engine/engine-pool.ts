import type { EventEmitter } from 'node:events';
import pg from 'pg';
import { guardPool, maxIdleInTransactionMs } from '../database/connection/guard-pool.js';
import type { Log } from '../log.js';

/**
 * Error codes of an unavailable database that DBOS does not recognize: the server closed the connection
 * during a write (EPIPE), its Unix socket does not exist (ENOENT) or is not accepting connections yet
 * (EAGAIN).
 */
const unrecognizedCodes = new Set(['EPIPE', 'ENOENT', 'EAGAIN']);

/**
 * Opens the connections of DBOS. DBOS waits for an unavailable database only when it recognizes the error;
 * any other error ends the workflow, and people hear nothing. We therefore replace the codes that DBOS does
 * not recognize with ECONNRESET, which it does.
 * @param max the largest number of connections
 */
export function openEnginePool(databaseUrl: string, log: Log, max = 10): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max,
    connectionTimeoutMillis: 10_000,
    application_name: 'pullwright engine',
    // DBOS sets the same on connections that it opens itself.
    idle_in_transaction_session_timeout: maxIdleInTransactionMs,
    Client: RecognizableClient,
  });
  return guardPool(pool, log);
}

class RecognizableClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    const { connection } = this as unknown as { connection: EventEmitter };
    connection.on('error', (error: NodeJS.ErrnoException) => {
      if (unrecognizedCodes.has(error.code ?? '')) error.code = 'ECONNRESET';
    });
  }
}
