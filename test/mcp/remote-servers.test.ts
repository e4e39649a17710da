import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { type McpStub, startMcpStub } from '../support/mcp-stub.js';
import { useMcpServers } from './use-mcp-servers.js';

const token = 'a-token-that-opens-the-stub-only';
const headers = { Authorization: `Bearer ${token}` };
const noSandbox = undefined as unknown as Sandbox;
let stub: McpStub;

beforeAll(async () => {
  stub = await startMcpStub(token);
});
afterAll(() => stub.stop());

describe('a server on the network', () => {
  test.each([
    ['http', '/mcp'],
    ['sse', '/sse'],
  ])('of the type %s gets its headers, and the model does not', async (type, path) => {
    const tracker = { type, url: stub.url + path, headers, private: true };
    const servers = useMcpServers(noSandbox, { tracker }, { secret: token });
    const [state] = await servers.open();
    expect(state).toMatchObject({ fault: null, leftOut: [] });
    expect(state?.tools.map(({ name }) => name)).toEqual([
      'mcp__tracker__hang',
      'mcp__tracker__refuse',
      'mcp__tracker__whoami',
    ]);
    expect(await servers.call('tracker', 'whoami')).toMatchObject({
      ok: true,
      text: 'You sent "Bearer [redacted]".',
    });
    expect(await servers.call('tracker', 'refuse')).toMatchObject({ ok: false, text: 'This does not work.' });
    expect(stub.accepted).toContain(type === 'sse' ? 'GET /sse' : 'POST /mcp');
    await servers.closeAll();
  });

  test('that gives no result in time is an error result, and the next call connects again', async () => {
    const tracker = { type: 'http', url: `${stub.url}/mcp`, headers, private: true };
    const servers = useMcpServers(noSandbox, { tracker }, { timeoutMs: 1000 });
    await servers.open();
    expect(await servers.call('tracker', 'hang')).toMatchObject({
      ok: false,
      text: 'The MCP server tracker: it gave no result within 1 s',
    });
    expect((await servers.call('tracker', 'whoami')).text).toMatch(/started again[\s\S]*You sent/);
    await servers.closeAll();
  });

  test('that cannot be used is named with the reason', async () => {
    const accepted = stub.accepted.length;
    const port = new URL(stub.url).port;
    const stopped = await startMcpStub(token);
    await stopped.stop();
    const servers = useMcpServers(noSandbox, {
      unauthorized: { type: 'http', url: `${stub.url}/mcp`, private: true },
      unauthorized2: { type: 'sse', url: `${stub.url}/sse`, private: true },
      gone: { type: 'http', url: `${stopped.url}/mcp`, headers, private: true },
      moved: { type: 'http', url: `${stub.url}/moved`, headers, private: true },
      loopback: { type: 'http', url: `https://127.0.0.1:${port}/mcp`, headers },
      name: { type: 'http', url: `https://localhost:${port}/mcp`, headers },
      name2: { type: 'sse', url: `https://localhost:${port}/sse`, headers },
      metadata: { type: 'http', url: 'https://169.254.169.254/mcp', headers },
      embedded: { type: 'http', url: 'https://[::ffff:127.0.0.1]/mcp', headers },
    });
    const faults = Object.fromEntries((await servers.open()).map(({ name, fault }) => [name, fault]));
    const isPrivate = expect.stringMatching(/has a private address, which `private: true` would allow/);
    expect(faults).toEqual({
      unauthorized: expect.stringMatching(/401/),
      unauthorized2: expect.stringMatching(/401/),
      gone: expect.stringMatching(/ECONNREFUSED/),
      moved: expect.stringMatching(/redirect/),
      loopback: isPrivate,
      name: isPrivate,
      name2: isPrivate,
      metadata: isPrivate,
      embedded: isPrivate,
    });
    expect(stub.accepted).toHaveLength(accepted);
    await servers.closeAll();
  });
});
