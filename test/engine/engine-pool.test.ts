import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { openEnginePool } from '../../src/engine/engine-pool.js';
import type { Log } from '../../src/log.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let pool: Pool;
const log = { warn: () => {} } as unknown as Log;

beforeEach(async () => {
  folder = await createTemporaryFolder();
  pool = openEnginePool(
    `postgresql://nobody@localhost/postgres?host=${encodeURIComponent(folder.path)}`,
    log,
  );
});

afterEach(async () => {
  await pool.end();
  await folder.remove();
});

const codeOf = (query: Promise<unknown>) => query.then(() => null).catch((error) => error.code);

test('a missing socket of the database is reported as ECONNRESET', async () => {
  expect(await codeOf(pool.query('select 1'))).toBe('ECONNRESET');
});

test('a connection that breaks during a write is reported as ECONNRESET', async () => {
  const sockets: Socket[] = [];
  const server = await new Promise<Server>((resolve) => {
    const made = createServer((socket) => {
      sockets.push(socket);
      // Answers any first packet with: logged in, ready.
      socket.once('data', () =>
        socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49])),
      );
      socket.on('error', () => {});
    }).listen(path.join(folder.path, '.s.PGSQL.5432'), () => resolve(made));
  });
  const client = await pool.connect();
  client.on('error', () => {});
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  const query = codeOf(client.query('select 1'));
  stream.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' }));
  expect(await query).toBe('ECONNRESET');
  client.release(true);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});
