import type { Pool } from 'pg';
import type { Log } from '../log.js';

/** A process that was frozen in the middle of a transaction keeps its locks from all others for no longer than this. */
export const mostIdleInTransactionMs = 10_000;

/**
 * Keeps a connection that breaks from ending the process, in whatever state it is. While it is idle the pool listens to it; but
 * from when it is lent until the borrower listens nobody does, and a server that shuts down may say so in the very packet
 * that makes the connection ready.
 * @returns the same pool
 */
export function guardPool(pool: Pool, log: Log): Pool {
  pool.on('error', (error) => log.warn({ err: error }, 'a database connection broke'));
  // The next query on it fails, and says why.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
