import path from 'node:path';
import { createMcpServers, type McpRun, type McpServers } from '../../src/mcp/mcp-servers.js';
import { makeSandboxFolder, type Sandbox } from '../../src/sandbox/sandbox.js';
import { type McpServer, parseMcpServer } from '../../src/task/mcp-servers.js';
import { openTestSandboxes } from '../support/open-test-sandboxes.js';

const modules = path.resolve('node_modules');
/** A real server from npm. */
export const everything = {
  command: 'node',
  args: [`${modules}/@modelcontextprotocol/server-everything/dist/index.js`],
};

/** Opens a real sandbox, which sees this machine's npm packages. */
export async function openMcpSandbox(folder: string): Promise<Sandbox> {
  const sandboxes = await openTestSandboxes(folder, 128, [modules]);
  const tree = path.join(folder, 'tree');
  await makeSandboxFolder(tree, sandboxes.uid);
  return sandboxes.open([{ from: tree, to: '/workspace', writable: true }]);
}

/** The servers of one run, for an agent that requests all of them. */
export function useMcpServers(
  sandbox: Sandbox,
  definitions: Record<string, object>,
  {
    secret = 'no text',
    timeoutMs = 30_000,
    signal,
  }: { secret?: string; timeoutMs?: number; signal?: AbortSignal } = {},
) {
  const servers = Object.fromEntries(
    Object.entries(definitions).map(([name, value]): [string, McpServer] => {
      const parsed = parseMcpServer(value);
      if ('fault' in parsed) throw new Error(`${name}: ${parsed.fault}`);
      return [name, parsed.server];
    }),
  );
  const mcp: McpServers = createMcpServers({
    rules: { servers, forRepositories: [] },
    redact: async (text) => text.replaceAll(secret, '[redacted]'),
    holdsSecret: (text) => text.includes(secret),
  });
  const run: McpRun = { id: 'run', sandbox: async () => sandbox, timeoutMs, signal };
  const mcpServers = Object.keys(servers).map((name) => ({ name, tools: null }));
  const agent = { mcpServers, tools: null, fromRepository: false };
  return {
    servers,
    open: () => mcp.open(run, agent),
    call: (server: string, tool: string, input: Record<string, unknown> = {}) =>
      mcp.call(run, agent, { server, tool, input }),
    close: () => mcp.close('run'),
    closeAll: () => mcp.closeAll(),
  };
}
