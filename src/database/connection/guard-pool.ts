import type { Pool } from 'pg';
import type { Log } from '../../log.js';

/**
 * If a process freezes inside a transaction, Postgres ends the transaction after this time and releases its
 * locks.
 */
export const maxIdleInTransactionMs = 10_000;

/**
 * Keeps a broken connection from ending the process, as Node does for an `error` event without a listener.
 * The pool listens only while a connection is idle. When the pool hands out a connection, there is a short
 * gap before the borrower adds a listener. A server that shuts down can send its error within this gap.
 * @returns the same pool
 */
export function guardPool(pool: Pool, log: Log): Pool {
  pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection broke'));
  // This listener can ignore the error, because the next query on the connection fails and reports it.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
