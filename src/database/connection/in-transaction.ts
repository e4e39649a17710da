import type { Pool, PoolClient } from 'pg';
import { explainDatabaseError } from './explain-database-error.js';

/**
 * Runs `body` in one transaction. The transaction is committed if `body` resolves, and rolled back if it
 * rejects.
 * @throws RetryLater when the database is unavailable; otherwise the error that `body` threw
 */
export async function inTransaction<T>(pool: Pool, body: (client: PoolClient) => Promise<T>): Promise<T> {
  try {
    const client = await pool.connect();
    return await runTransaction(client, () => body(client));
  } catch (error) {
    throw explainDatabaseError(error);
  }
}

async function runTransaction<T>(client: PoolClient, body: () => Promise<T>): Promise<T> {
  let broken: Error | undefined;
  // If the connection breaks, the running query reports the error. Without this listener, the `error` event
  // would end the process.
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    await client.query('begin');
    const result = await body();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(onError);
    throw error;
  } finally {
    client.off('error', onError);
    // The pool closes a connection that broke or could not roll back, instead of reusing it.
    client.release(broken);
  }
}
