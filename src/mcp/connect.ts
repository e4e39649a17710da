import {
  type CallToolResult,
  Client,
  type JsonSchemaValidator,
  type jsonSchemaValidator,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  type Tool,
} from '@modelcontextprotocol/client';
import { isRetryLater } from '../runs/retry-later.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { McpServer } from '../task/mcp-servers.js';
import { openLocal, openRemote } from './links.js';

/** Thrown if a server cannot be used. The message follows the name of the server and a colon. */
export class McpFault extends Error {
  override name = 'McpFault';
}

/** What a connection needs from its run. */
export interface ConnectOptions {
  /** Returns the sandbox for servers that run in one. */
  sandbox(): Promise<Sandbox>;
  /** Maximum time until the server has listed its tools, in milliseconds. */
  startTimeoutMs: number;
  signal: AbortSignal | undefined;
}

export interface McpCall {
  /** The tool's name as the server lists it. */
  tool: string;
  input: Record<string, unknown>;
  timeoutMs: number;
  signal: AbortSignal | undefined;
}

export interface Connection {
  readonly tools: readonly Tool[];
  /** Returns false after the server has ended or the connection was closed. */
  isOpen(): boolean;
  /** @throws McpFault if the server gives no result in time, or refuses the call */
  call(call: McpCall): Promise<CallToolResult>;
  /** Ends the connection, and all processes of a server in a sandbox. */
  close(): Promise<void>;
}

/**
 * The server chooses the schemas of its results. A regular expression in such a schema could block this
 * process, so results are not validated.
 */
const noValidation: jsonSchemaValidator = {
  getValidator:
    <T>(): JsonSchemaValidator<T> =>
    (data) => ({ valid: true, data: data as T, errorMessage: undefined }),
};

/**
 * Starts a server, or connects to it, and lists its tools.
 * @throws McpFault if this fails
 * @throws RetryLater if the machine has no room for another process
 */
export async function connect(server: McpServer, options: ConnectOptions): Promise<Connection> {
  const link = server.type === 'stdio' ? openLocal(server, await options.sandbox()) : openRemote(server);
  const client = new Client(
    { name: 'pullwright', version: '1' },
    {
      // Programs get the request that every server knows. Some end if another request comes first.
      versionNegotiation: { mode: server.type === 'stdio' ? 'legacy' : 'auto' },
      jsonSchemaValidator: noValidation,
    },
  );
  let isOpen = true;
  client.onclose = () => {
    isOpen = false;
  };
  const close = async () => {
    isOpen = false;
    await link.close();
    await client.close();
  };
  const explain = async (error: unknown) => {
    await close();
    try {
      return new McpFault(await link.explain(error));
    } catch (thrown) {
      return isRetryLater(thrown) ? thrown : new McpFault((thrown as Error).message);
    }
  };
  const timeout = options.startTimeoutMs;
  try {
    const tools = await inTime(options, async () => {
      await client.connect(link.transport, { timeout });
      return (await client.listTools(undefined, { timeout })).tools;
    });
    return {
      tools,
      isOpen: () => isOpen,
      close,
      call: async ({ tool, input, timeoutMs, signal }) => {
        try {
          const request = { timeout: timeoutMs, ...(signal && { signal }) };
          return await client.callTool({ name: tool, arguments: input }, request);
        } catch (error) {
          // The server answered, so it still works.
          if (error instanceof ProtocolError) throw new McpFault(`it refused the call: ${error.message}`);
          const isLate = error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout;
          throw await explain(isLate ? new Error(`it gave no result within ${timeoutMs / 1000} s`) : error);
        }
      },
    };
  } catch (error) {
    throw await explain(error);
  }
}

/** @throws Error when `body` takes too long, or when the run is stopped */
function inTime<T>({ startTimeoutMs, signal }: ConnectOptions, body: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`it did not answer within ${startTimeoutMs / 1000} s`)),
      startTimeoutMs,
    );
    const stop = () => reject(new Error('the run was stopped'));
    signal?.addEventListener('abort', stop);
    body()
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
      });
  });
}
