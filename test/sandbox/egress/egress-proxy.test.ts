import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AllowedHost, makeSandboxFolder, type Sandbox } from '../../../src/sandbox/sandbox.js';
import { openTestSandboxes } from '../../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let sandbox: Sandbox;
let server: http.Server;
let port: number;
const seen: { method: string | undefined; headers: http.IncomingHttpHeaders; body: string }[] = [];

beforeAll(async () => {
  folder = await createTemporaryFolder();
  server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push({ method: request.method, headers: request.headers, body });
    response.end('from the host');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  const sandboxes = await openTestSandboxes(folder.path);
  await makeSandboxFolder(path.join(folder.path, 'tree'), sandboxes.uid);
  sandbox = sandboxes.open([{ from: path.join(folder.path, 'tree'), to: '/workspace', writable: true }]);
});

afterAll(async () => {
  await sandbox.dispose();
  await new Promise((resolve) => server.close(resolve));
  await folder.remove();
});

const run = async (script: string, { mayBePrivate = true, more = [] as AllowedHost[] } = {}) => {
  seen.length = 0;
  const egress = [{ host: 'localhost', port, mayBePrivate }, ...more];
  return sandbox.execute({ script: `${script}; true`, timeoutMs: 20_000, egress });
};

describe('a command with egress', () => {
  test('the command reaches allowed hosts only, and the refused ones are reported', async () => {
    const result = await run(
      `curl -sS http://localhost:${port}/; curl -sS -o /dev/null -w '%{http_code}' http://example.org/; curl -sS https://example.com/ 2>/dev/null`,
    );
    expect(result.stdout).toBe('from the host403');
    expect(result.refusedHosts.sort()).toEqual(['example.com:443', 'example.org:80']);
  });

  test('the command cannot bypass the proxy', async () => {
    const result = await run(
      `curl --noproxy '*' -sS http://127.0.0.1:${port}/; curl --noproxy '*' -sS http://localhost:${port}/; echo > /dev/tcp/127.0.0.1/${port} && echo connected`,
    );
    expect(result.stdout).toBe('');
    expect(seen).toEqual([]);
  });

  test('the command reaches no other port of an allowed host', async () => {
    const result = await run(`curl -sS -p http://localhost:${port + 1}/; curl -sS -p https://localhost/`);
    expect(result.refusedHosts.sort()).toEqual([`localhost:${port + 1}`, 'localhost:443'].sort());
  });

  test('the proxy connects to no IP address in a URL, in any notation', async () => {
    const spellings = ['127.0.0.1', '[::1]', '2130706433', '0x7f000001', '127.1', '[::ffff:127.0.0.1]'];
    const more = spellings.map((host) => ({ host, port, mayBePrivate: true }));
    const result = await run(
      spellings
        .map((host) => `curl -g -sS http://${host}:${port}/; curl -g -sS -p http://${host}:${port}/`)
        .join('; '),
      // Not even when the address is on the list.
      { more },
    );
    expect(result.stdout).not.toContain('from the host');
    expect(seen).toEqual([]);
  });

  test('the proxy connects to no private address, unless the operator named the host', async () => {
    const result = await run(`curl -sS http://localhost:${port}/`, { mayBePrivate: false });
    expect(seen).toEqual([]);
    expect(result.refusedHosts).toEqual([`localhost:${port} (it resolves to a private address)`]);
  });

  test('over plain HTTP, the proxy forwards GET and HEAD only', async () => {
    const result = await run(
      `for method in POST PUT DELETE PATCH; do curl -sS -o /dev/null -X $method -d secret=1 http://localhost:${port}/; done`,
    );
    expect(seen).toEqual([]);
    expect(result.refusedHosts).toContain(
      `localhost:${port} (POST over plain HTTP, where only GET and HEAD are allowed)`,
    );
    expect(result.refusedHosts).toHaveLength(4);
  });

  test('the proxy drops the body and replaces the Host header of a GET request', async () => {
    await run(`curl -sS -X GET -d stolen -H 'Host: evil.example' http://localhost:${port}/`);
    expect(seen).toEqual([
      expect.objectContaining({
        method: 'GET',
        body: '',
        headers: expect.objectContaining({ host: `localhost:${port}` }),
      }),
    ]);
  });

  test('the proxy reports at most 50 refusals', async () => {
    const result = await run(`curl -sS 'http://x[1-80].example/' -o /dev/null`);
    expect(result.refusedHosts).toHaveLength(50);
  });
});

test('a command without egress has no network and no proxy', async () => {
  const script = `ls /run | grep -vxE 'mysqld|postgresql'; curl -sS --max-time 2 -x http://127.0.0.1:3128 http://localhost:${port}/`;
  const result = await sandbox.execute({ script, timeoutMs: 10_000 });
  expect(result.stdout).toBe('');
  expect(result.exitCode).not.toBe(0);
});
