import { readdirSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startEgressProcess } from '../../../src/sandbox/egress/egress-process.js';
import { startEgressProxy } from '../../../src/sandbox/egress/egress-proxy.js';
import { makeSandboxFolder } from '../../../src/sandbox/sandbox.js';
import { findProcesses } from '../../support/find-processes.js';
import { egressProgram, openTestSandboxes } from '../../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let upstream: net.Server;
let port: number;
/** How upstream answers a connection. */
let answer: (socket: net.Socket) => void;
const upstreams = new Set<net.Socket>();

beforeAll(async () => {
  folder = await createTemporaryFolder();
  upstream = net.createServer((socket) => {
    upstreams.add(socket);
    socket.once('close', () => upstreams.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.resume();
    answer(socket);
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  port = (upstream.address() as AddressInfo).port;
});

afterAll(async () => {
  for (const socket of upstreams) socket.destroy();
  await new Promise((resolve) => upstream.close(resolve));
  await folder.remove();
});

const allowed = () => [{ host: 'localhost', port, mayBePrivate: true }];
const get = (version = '1.1') =>
  `GET http://localhost:${port}/ HTTP/${version}\r\nHost: x\r\nConnection: close\r\n\r\n`;
const until = async (isSo: () => boolean) => {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
};

describe('the proxy', () => {
  let socketPath: string;
  let proxy: Awaited<ReturnType<typeof startEgressProxy>>;
  let refused: string[];
  const clients: net.Socket[] = [];

  beforeEach(async () => {
    refused = [];
    socketPath = path.join(folder.path, 'proxy.sock');
    proxy = await startEgressProxy(socketPath, allowed(), (refusal) => refused.push(refusal));
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await proxy.stop();
  });

  const connect = (sent: string) => {
    const client = net.connect(socketPath, () => client.write(sent));
    client.on('error', () => client.destroy());
    clients.push(client);
    return client;
  };

  test.each([
    ['an invalid status', 'HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n', '1.1'],
    ['a status of zero', 'HTTP/1.1 000 X\r\nContent-Length: 0\r\n\r\n', '1.1'],
    [
      'a trailer after a body with a length',
      'HTTP/1.1 200 X\r\nTrailer: x\r\nContent-Length: 2\r\n\r\nok',
      '1.1',
    ],
    [
      'a trailer without a body',
      'HTTP/1.1 304 X\r\nTrailer: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      '1.1',
    ],
    ['a trailer for an HTTP/1.0 client', 'HTTP/1.1 200 X\r\nTrailer: x\r\n\r\nok', '1.0'],
    ['another protocol', 'HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nok', '1.1'],
    ['half an answer', 'HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\nok', '1.1'],
  ])('the proxy survives an answer with %s', async (_, said, version) => {
    answer = (socket) => socket.end(said);
    const first = connect(get(version));
    await text(first).catch(() => '');
    answer = (socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nfine\n');
    const second = connect(get('1.0'));
    expect(await text(second)).toContain('fine');
  });

  test.each([
    ['a request', () => get()],
    ['a tunnel', () => `CONNECT localhost:${port} HTTP/1.1\r\n\r\n`],
  ])('the proxy closes its upstream connection when the client of %s is gone', async (_, request) => {
    const endless = 'x'.repeat(65_536);
    answer = (socket) => {
      const write = () => {
        while (socket.write(endless));
      };
      socket.on('drain', write).write('HTTP/1.1 200 OK\r\n\r\n');
      write();
    };
    const callers = Array.from({ length: 20 }, () => connect(request()));
    for (const caller of callers) caller.resume();
    await until(() => upstreams.size === 20);
    for (const caller of callers) caller.destroy();
    await until(() => upstreams.size === 0);
  });

  test('the proxy closes all upstream connections when it is stopped', async () => {
    answer = () => {};
    connect(get());
    connect(`CONNECT localhost:${port} HTTP/1.1\r\n\r\n`);
    await until(() => upstreams.size === 2);
    await proxy.stop();
    await until(() => upstreams.size === 0);
  });

  test('the proxy accepts at most 1024 connections', async () => {
    const callers = Array.from({ length: 1100 }, () => connect('GET http://'));
    let closed = 0;
    for (const caller of callers) caller.once('close', () => closed++).resume();
    await until(() => closed === 76);
  });

  test('the proxy opens at most 256 upstream connections, and the others wait for their turn', async () => {
    answer = () => {};
    const callers = Array.from({ length: 300 }, () => connect(`CONNECT localhost:${port} HTTP/1.1\r\n\r\n`));
    let connected = 0;
    for (const caller of callers) caller.once('data', () => connected++);
    await until(() => upstreams.size === 256 && connected === 256);
    // A caller that leaves the queue takes nobody's turn.
    const waiting = callers.filter(({ bytesRead }) => bytesRead === 0);
    for (const caller of waiting.slice(0, 10)) caller.destroy();
    for (const caller of callers.filter(({ bytesRead }) => bytesRead > 0)) caller.destroy();
    await until(() => connected === 290 && upstreams.size === 34);
    expect(refused).toEqual([]);
  });

  test('a single client cannot let connections wait without end', async () => {
    answer = () => {};
    connect(get().replace('Connection: close\r\n', '').repeat(2500));
    await until(() => refused.length > 0);
    expect(refused).toEqual([`localhost:${port} (more than 2048 connections that wait)`]);
    await until(() => upstreams.size === 256);
  });
});

describe('the process of the proxy', () => {
  test('a set-up that opens many connections takes no descriptors of this process', async () => {
    const sandboxes = await openTestSandboxes(folder.path);
    const tree = path.join(folder.path, 'tree');
    await makeSandboxFolder(tree, sandboxes.uid);
    const sandbox = sandboxes.open([{ from: tree, to: '/workspace', writable: true }]);
    const program = `
import os, socket, time
kept = []
for n in range(200):
  one = socket.socket(socket.AF_UNIX); one.connect('/run/proxy.sock'); one.send(b'GET http://'); kept.append(one)
print('all', flush=True)
time.sleep(60)`;
    const stopping = new AbortController();
    const before = readdirSync('/proc/self/fd').length;
    const running = sandbox.execute({
      script: 'exec 4> connected; /usr/bin/python3 -c "$1" >&4',
      args: [program],
      timeoutMs: 60_000,
      egress: allowed(),
      signal: stopping.signal,
    });
    while (!(await sandbox.execute({ script: 'cat connected', timeoutMs: 10_000 })).stdout.includes('all'));
    expect(readdirSync('/proc/self/fd').length - before).toBeLessThan(50);
    stopping.abort();
    expect(await running).toMatchObject({ ended: 'stopped' });
    await sandbox.dispose();
    expect(await findProcesses(folder.path)).toEqual([]);
  });

  test('a proxy that dies early is reported as a refusal and leaves no socket behind', async () => {
    const socketPath = path.join(folder.path, 'apart.sock');
    const proxy = await startEgressProcess(egressProgram, socketPath, allowed());
    const client = net.connect(socketPath, () => client.write('CONNECT other:1 HTTP/1.1\r\n\r\n'));
    await new Promise((resolve) => client.once('data', resolve));
    const pids = await findProcesses(socketPath);
    expect(pids).toHaveLength(1);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    // This process reads the pipe to its end before it learns of the death.
    await until(() => readdirSync('/proc').every((name) => !pids.map(String).includes(name)));
    await new Promise((resolve) => setImmediate(resolve));
    expect(await proxy.stop()).toEqual([
      'other:1',
      'all hosts, because the network proxy ended unexpectedly (SIGKILL)',
    ]);
    expect(await proxy.stop()).toHaveLength(2);
    expect(readdirSync(folder.path)).not.toContain('apart.sock');
  });

  test('a proxy that does not start says why', async () => {
    const nowhere = path.join(folder.path, 'missing', 'x.sock');
    await expect(startEgressProcess(egressProgram, nowhere, [])).rejects.toThrow(
      /the network proxy did not start \(exit code 1\)[\s\S]*listen E/,
    );
  });
});
