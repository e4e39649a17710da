import type { Pool, PoolClient } from 'pg';

/** All of what `body` writes is there when this resolves; when it throws, nothing of it is. */
export async function inTransaction<T>(pool: Pool, body: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // Of a connection that breaks the query that is under way is told too; without a listener it would end the process.
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    await client.query('begin');
    const result = await body(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(onError);
    throw error;
  } finally {
    client.off('error', onError);
    // One that is broken, or could not roll back, is of no use to anyone.
    client.release(broken);
  }
}
