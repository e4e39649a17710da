import type { Pool } from 'pg';
import type { Log } from '../../log.js';

/**
 * If a process freezes inside a transaction, Postgres ends the transaction after this time and releases its
 * locks.
 */
export const maxIdleInTransactionMs = 10_000;

/**
 * Keeps a broken connection from ending the process. Node ends a process on an `error` event that has no
 * listener. The pool listens for the errors of a connection only while the connection is idle. Code that
 * takes a connection from the pool adds its own listener only after it has received the connection. In
 * between, a Postgres server that shuts down can send an error.
 * @returns the same pool
 */
export function guardPool(pool: Pool, log: Log): Pool {
  pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection broke'));
  // This listener can ignore the error, because the next query on the connection fails and reports it.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
