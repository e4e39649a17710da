import { execFile } from 'node:child_process';
import net, { type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { sendMongoCommands } from '../../src/services/kinds/mongodb-commands.js';

const run = promisify(execFile);

/** The reply `{ ok: <value> }` to a message, as MongoDB sends it. */
function reply(value: number): Buffer {
  const bytes = Buffer.alloc(16 + 5 + 17);
  bytes.writeInt32LE(bytes.length, 0);
  bytes.writeInt32LE(2013, 12);
  bytes.writeInt32LE(17, 21);
  bytes.write('\x01ok\0', 25, 'latin1');
  bytes.writeDoubleLE(value, 29);
  return bytes;
}

async function exchange(value: number) {
  const received: Buffer[] = [];
  const server = net.createServer((socket) => {
    socket.on('data', (chunk) => {
      received.push(chunk);
      socket.write(reply(value));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const script = `node=${process.execPath}; ${sendMongoCommands(port, [{ ping: 1 }, { a: ['x', { b: 2 }] }])}`;
  const result = await run('bash', ['-c', script]).then(
    () => 'accepted',
    ({ code }: { code: number }) => `exit code ${code}`,
  );
  server.close();
  return { result, received: received.map((bytes) => bytes.toString('latin1')) };
}

test('commands arrive as messages with documents', async () => {
  const { result, received } = await exchange(1);
  expect(result).toBe('accepted');
  const database = '\x02$db\0\x06\0\0\0admin\0\0';
  expect(received).toEqual([
    `\x33\0\0\0\x01\0\0\0\0\0\0\0\xdd\x07\0\0\0\0\0\0\0\x1e\0\0\0\x10ping\0\x01\0\0\0${database}`,
    expect.stringContaining(
      `\x04a\0\x1d\0\0\0\x020\0\x02\0\0\0x\0\x031\0\x0c\0\0\0\x10b\0\x02\0\0\0\0\0${database}`,
    ),
  ]);
});

test('a refused command is a failure', async () => {
  const { result, received } = await exchange(0);
  expect({ result, count: received.length }).toEqual({ result: 'exit code 1', count: 1 });
});
