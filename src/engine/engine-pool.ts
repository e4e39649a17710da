import type { EventEmitter } from 'node:events';
import pg from 'pg';
import { guardPool, maxIdleInTransactionMs } from '../database/connection/guard-pool.js';
import type { Log } from '../log.js';

/**
 * Error codes of an unavailable database that DBOS does not recognize. EPIPE: the server closed the
 * connection during a write. ENOENT: the server's Unix socket does not exist. EAGAIN: the socket does not
 * accept connections yet.
 */
const unrecognizedCodes = new Set(['EPIPE', 'ENOENT', 'EAGAIN']);

/**
 * Opens the connection pool of DBOS. DBOS waits for an unavailable database only if it recognizes the error.
 * Any other error ends the workflow, and people get no message. The connections therefore replace the codes
 * that DBOS does not recognize with ECONNRESET, which DBOS recognizes.
 * @param max the maximum number of connections
 */
export function openEnginePool(databaseUrl: string, log: Log, max = 10): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max,
    connectionTimeoutMillis: 10_000,
    application_name: 'pullwright engine',
    // DBOS sets the same timeout on connections that it opens itself.
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
