import { setTimeout as pause } from 'node:timers/promises';
import { isNativeError } from 'node:util/types';
import {
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import type { Execution, Sandbox } from '../sandbox/sandbox.js';
import type { McpServer } from '../task/mcp-servers.js';
import { createFetch } from './public-fetch.js';
import { SandboxTransport } from './sandbox-transport.js';

/** The way to one server. */
export interface Link {
  transport: Transport;
  /** Ends all connections, or all processes of the server. */
  close(): Promise<void>;
  /**
   * Says in a few words why the server cannot be used. Call it after `close`.
   * @param error the error of the client
   * @throws the error of the sandbox, if it could not start the server
   */
  explain(error: unknown): Promise<string>;
}

type Definition<Type> = Extract<McpServer, { type: Type }>;

/** Maximum time to tell a server that its session has ended. */
const goodbyeMs = 2000;
const longestReason = 300;

/** A package must already be installed. Without these variables, npx and uvx would retry the network. */
const offline = { npm_config_offline: 'true', UV_OFFLINE: '1' };

export function openLocal({ command, args, env }: Definition<'stdio'>, sandbox: Sandbox): Link {
  const transport = new SandboxTransport(sandbox, {
    script: 'exec "$@"',
    args: [command, ...args],
    env: { ...offline, ...env },
    // The operator's limits for commands apply.
    timeoutMs: Number.POSITIVE_INFINITY,
    maxOutputBytes: Number.POSITIVE_INFINITY,
  });
  return {
    transport,
    close: () => transport.close(),
    explain: async (error) => {
      const execution = await transport.ended();
      if (execution && execution.ended !== 'stopped') return describeEnd(execution);
      const { isFlooded, firstOther } = transport;
      const reason = isFlooded ? 'it wrote too many lines' : describe(error);
      return firstOther === null ? reason : `${reason}. It printed: ${firstOther}`;
    },
  };
}

export function openRemote(server: Definition<'http' | 'sse'>): Link {
  const { fetch, close } = createFetch(server.private);
  const url = new URL(server.url);
  const options = { fetch, requestInit: { headers: server.headers } };
  const explain = async (error: unknown) => describe(error);
  if (server.type === 'sse') return { transport: new SSEClientTransport(url, options), close, explain };
  const transport = new StreamableHTTPClientTransport(url, options);
  return {
    transport,
    close: async () => {
      await Promise.race([
        transport.terminateSession().catch(() => {}),
        pause(goodbyeMs, null, { ref: false }),
      ]);
      await close();
    },
    explain,
  };
}

function describeEnd({ ended, exitCode, stderr }: Execution): string {
  const end = ended === 'exited' ? `it ended with exit code ${exitCode}` : `it was killed: ${ended}`;
  const lastLine = stderr.trimEnd().split('\n').at(-1)?.trim();
  return lastLine ? cut(`${end}: ${lastLine}`) : end;
}

/** The message of the error at the end of the chain of causes says most. */
function describe(error: unknown): string {
  if (!isNativeError(error)) return cut(String(error));
  return error.cause === undefined ? cut(error.message) : describe(error.cause);
}

function cut(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, longestReason).toWellFormed();
}
