import type { Pool, PoolClient } from 'pg';
import { explainDatabaseError } from './explain-database-error.js';

/**
 * Runs `body` in one transaction: everything that it writes is committed when this resolves, and nothing when
 * it rejects.
 * @throws RetryLater when the database is unavailable; whatever else `body` throws
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
  // If the connection breaks, the running query reports the error. This listener only keeps the event from
  // ending the process.
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
    // A connection that broke, or that could not roll back, is not reused.
    client.release(broken);
  }
}
