import type { Pool } from 'pg';
import type { Log } from '../../log.js';

/** A process that freezes inside a transaction holds its locks for at most this long. */
export const maxIdleInTransactionMs = 10_000;

/**
 * Keeps a broken connection from ending the process. The pool listens for errors of idle connections only.
 * Nobody listens between the moment a connection is handed out and the moment its borrower adds a listener,
 * and a server that shuts down may say so in the very packet that makes the connection ready.
 * @returns the same pool
 */
export function guardPool(pool: Pool, log: Log): Pool {
  pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection broke'));
  // The next query on the connection fails and reports the error.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
