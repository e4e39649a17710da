import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { findProcesses } from '../support/find-processes.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { everything, openMcpSandbox, useMcpServers } from './use-mcp-servers.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let sandbox: Sandbox;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  sandbox = await openMcpSandbox(folder.path);
});
afterAll(async () => {
  await sandbox.dispose();
  await folder.remove();
});

const script = (body: string) => ({ command: 'bash', args: ['-c', body] });

/** A server that counts its calls, and whose tools `crash` and `hang` do what their names say. */
const counter = script(String.raw`
  send() { echo '{"jsonrpc":"2.0","id":'"$id,$1}"; }
  tool() { echo '{"name":"'"$1"'","inputSchema":{"type":"object"}}'; }
  while read -r line; do
    [[ $line =~ \"id\":([0-9]+) ]] || continue
    id=${'$'}{BASH_REMATCH[1]}
    case "$line" in
      *'"initialize"'*) send '"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"counter","version":"1"}}';;
      *'"tools/list"'*) send '"result":{"tools":['"$(tool count),$(tool crash),$(tool hang)"']}';;
      *'"crash"'*) echo 'no idea left' >&2; exit 4;;
      *'"count"'*) count=$((count + 1)); send '"result":{"content":[{"type":"text","text":"'"$count"'"}]}';;
      *'"hang"'*) ;;
      *) send '"error":{"code":-32601,"message":"Method not found"}';;
    esac
  done`);

describe('a server in the sandbox', () => {
  test('of npm lists its tools, answers calls, and ends with the run', async () => {
    const definition = { ...everything, tools: ['echo', 'get-env', 'get-tiny-image'] };
    const servers = useMcpServers(sandbox, { everything: definition });
    expect(await servers.open()).toEqual([
      {
        name: 'everything',
        fault: null,
        leftOut: [],
        tools: [
          {
            name: 'mcp__everything__echo',
            server: 'everything',
            tool: 'echo',
            description: 'Echoes back the input string',
            inputSchema: {
              type: 'object',
              properties: { message: { type: 'string', description: 'Message to echo' } },
              required: ['message'],
            },
          },
          expect.objectContaining({ name: 'mcp__everything__get-env' }),
          expect.objectContaining({ name: 'mcp__everything__get-tiny-image' }),
        ],
      },
    ]);
    expect(await servers.call('everything', 'echo', { message: 'Ada' })).toEqual({
      ok: true,
      text: 'Echo: Ada',
      images: [],
    });
    const { text } = await servers.call('everything', 'get-env');
    expect(text).toContain('"HOME": "/home/agent"');
    expect(text).not.toContain('TEST_POSTGRES_URL');
    const { images } = await servers.call('everything', 'get-tiny-image');
    expect(images).toEqual([{ mediaType: 'image/png', data: expect.stringMatching(/^iVBOR/) }]);
    // The definition does not list this tool.
    expect(await servers.call('everything', 'get-sum', { a: 1, b: 2 })).toMatchObject({ ok: false });
    expect(await findProcesses('server-everything/dist')).not.toEqual([]);
    await servers.close();
    expect(await findProcesses('server-everything/dist')).toEqual([]);
  });

  test('keeps its state until it ends; after a new start, the result says so', async () => {
    const servers = useMcpServers(sandbox, { counter }, { timeoutMs: 10_000 });
    await servers.open();
    await servers.call('counter', 'count');
    expect((await servers.call('counter', 'count')).text).toBe('2');
    expect(await servers.call('counter', 'crash')).toMatchObject({
      ok: false,
      text: 'The MCP server counter: it ended with exit code 4: no idea left',
    });
    expect(await servers.call('counter', 'count')).toMatchObject({
      ok: true,
      text: expect.stringMatching(/^\[The MCP server was started again for this call.*\]\n1$/),
    });
    await servers.closeAll();
    expect(await findProcesses('no idea left')).toEqual([]);
  });

  test('that gives no result is killed at the time limit, and when the run is stopped', async () => {
    const stopping = new AbortController();
    const servers = useMcpServers(sandbox, { counter }, { timeoutMs: 3000, signal: stopping.signal });
    expect(await servers.open()).toMatchObject([{ fault: null }]);
    expect((await servers.call('counter', 'hang')).text).toBe(
      'The MCP server counter: it gave no result within 3 s',
    );
    expect(await findProcesses('no idea left')).toEqual([]);
    const hanging = servers.call('counter', 'hang');
    stopping.abort();
    expect(await hanging).toMatchObject({ ok: false });
    expect(await findProcesses('no idea left')).toEqual([]);
  });

  test('that cannot be used is named with the reason, and the others work', async () => {
    const servers = useMcpServers(sandbox, {
      ends: script('echo "no licence" >&2; exit 7'),
      missing: { command: 'no-such-program' },
      uninstalled: { command: 'npx', args: ['-y', 'no-such-package-7531'] },
      chatty: script('yes'),
      long: script("tr '\\0' y < /dev/zero"),
      counter,
    });
    const states = await servers.open();
    expect(Object.fromEntries(states.map(({ name, fault }) => [name, fault]))).toEqual({
      ends: 'it ended with exit code 7: no licence',
      missing: expect.stringMatching(/^it ended with exit code 127: .*no-such-program: not found$/),
      uninstalled: expect.stringMatching(/^it ended with exit code 1: npm error/),
      chatty: 'it wrote too many lines. It printed: y',
      long: 'it was killed: output-limit',
      counter: null,
    });
    expect((await servers.call('ends', 'x')).text).toBe(
      'The MCP server ends: it ended with exit code 7: no licence',
    );
    await servers.closeAll();
  });

  test('that does not answer is killed', async () => {
    const servers = useMcpServers(
      sandbox,
      {
        silent: script('sleep 7531'),
        noisy: script('while sleep 0.1; do echo "listening on /dev/null"; done'),
      },
      { timeoutMs: 3000 },
    );
    expect(await servers.open()).toMatchObject([
      { name: 'silent', fault: 'it did not answer within 3 s' },
      { name: 'noisy', fault: 'it did not answer within 3 s. It printed: listening on /dev/null' },
    ]);
    expect(await findProcesses('sleep 7531')).toEqual([]);
  });
});
