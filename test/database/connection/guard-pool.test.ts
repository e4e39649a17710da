import { createServer } from 'node:net';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import pg from 'pg';
import { guardPool } from '../../../src/database/connection/guard-pool.js';
import type { Log } from '../../../src/log.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';

const message = (type: string, body: Buffer) => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
/** One packet that says: logged in, ready, shutting down. */
const shutdownPacket = Buffer.concat([
  message('R', Buffer.alloc(4)),
  message('Z', Buffer.from('I')),
  message('E', Buffer.from('SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0')),
]);

test('a server that shuts down while a connection becomes ready fails the query, not the process', async () => {
  const folder = await createTemporaryFolder();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(shutdownPacket));
  });
  await new Promise<void>((resolve) => server.listen(path.join(folder.path, '.s.PGSQL.5432'), resolve));
  const pool = guardPool(new pg.Pool({ host: folder.path, user: 'nobody', database: 'postgres' }), {
    warn: () => {},
  } as unknown as Log);
  try {
    const client = await pool.connect();
    await expect(client.query('select 1')).rejects.toThrow(/connection/);
    client.release(true);
  } finally {
    await pool.end();
    await new Promise((resolve) => server.close(resolve));
    await folder.remove();
  }
});
