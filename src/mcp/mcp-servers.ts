import type { Sandbox } from '../sandbox/sandbox.js';
import { type Choice, chooseServers, type McpRules, type Requester } from './choose-servers.js';
import { type Connection, connect, McpFault } from './connect.js';
import { describeTools, type McpTool } from './describe-tools.js';
import { type McpResult, readResult } from './read-result.js';

export type { McpResult, McpTool };

/** A tool's name for the model, the name of its server, and its name there. */
export type McpToolName = Pick<McpTool, 'name' | 'server' | 'tool'>;

/** The run that uses servers. Its servers keep running between its calls, in this process. */
export interface McpRun {
  id: string;
  /** Returns the agent's sandbox. */
  sandbox(): Promise<Sandbox>;
  /** Maximum time for one call, in milliseconds. */
  timeoutMs: number;
  signal: AbortSignal | undefined;
}

/** A server that an agent requests, and what became of it. */
export interface McpServerState {
  name: string;
  tools: McpTool[];
  /** Tools that the model does not get: each with its name and the reason. */
  leftOut: string[];
  /** Why the server cannot be used, as words after its name and a colon; null if it can be used. */
  fault: string | null;
}

/** The MCP servers of all runs in this process. */
export interface McpServers {
  /**
   * Starts the servers that the agent requests and lists their tools. A server that fails has a `fault`.
   * @throws RetryLater if the machine has no room for another process
   */
  open(run: McpRun, agent: Requester): Promise<McpServerState[]>;
  /**
   * Calls a tool. Starts the server again if it is not running, and then says so in the result. A call that
   * fails is a result, not an error.
   * @throws RetryLater if the machine has no room for another process
   */
  call(
    run: McpRun,
    agent: Requester,
    call: { server: string; tool: string; input: Record<string, unknown> },
  ): Promise<McpResult>;
  /** Ends the run's servers in this process, and their connections. */
  close(runId: string): Promise<void>;
  closeAll(): Promise<void>;
}

/** Maximum time until a server has listed its tools, in milliseconds. */
const maxStartMs = 30_000;

export function createMcpServers(options: {
  rules: McpRules;
  /** Removes credentials from a text. */
  redact(text: string): Promise<string>;
  /** Returns whether a text contains a credential of this process. */
  holdsSecret(text: string): boolean;
}): McpServers {
  const { rules, redact, holdsSecret } = options;
  const { findOpen, start, close, closeAll } = createConnections();
  return {
    close,
    closeAll,
    open: (run, agent) =>
      Promise.all(
        chooseServers(agent, rules).map(async (choice): Promise<McpServerState> => {
          const { name } = choice;
          if ('fault' in choice) return { name, tools: [], leftOut: [], fault: choice.fault };
          try {
            const { tools } = findOpen(run, name) ?? (await start(run, choice));
            return { name, fault: null, ...describeTools(name, tools, choice.isGranted, holdsSecret) };
          } catch (error) {
            return { name, tools: [], leftOut: [], fault: await redact(faultOf(error)) };
          }
        }),
      ),
    call: async (run, agent, { server: name, tool, input }) => {
      const choice = chooseServers(agent, rules).find((one) => one.name === name);
      const fail = (reason: string) => ({ ok: false, text: `The MCP server ${name}: ${reason}`, images: [] });
      if (!choice || 'fault' in choice) return fail(choice?.fault ?? 'the agent does not request it');
      if (!choice.isGranted(tool)) return fail(`the tool ${tool} is no longer allowed`);
      try {
        const open = findOpen(run, name);
        const connection = open ?? (await start(run, choice));
        const result = readResult(await connection.call({ ...run, tool, input }));
        const text = choice.server.type === 'stdio' ? result.text : await redact(result.text);
        return { ...result, text: open ? text : `${startedAgain}\n${text}` };
      } catch (error) {
        return fail(await redact(faultOf(error)));
      }
    },
  };
}

/** Keeps the open connections of each run. */
function createConnections() {
  /** By the run's id, then by the server's name. */
  const sessions = new Map<string, Map<string, Connection>>();
  const close = async (runId: string) => {
    const session = sessions.get(runId) ?? new Map<string, Connection>();
    sessions.delete(runId);
    await Promise.all([...session.values()].map((connection) => connection.close()));
  };
  return {
    close,
    closeAll: async () => {
      await Promise.all([...sessions.keys()].map(close));
    },
    findOpen: (run: McpRun, name: string): Connection | null => {
      const connection = sessions.get(run.id)?.get(name);
      return connection?.isOpen() ? connection : null;
    },
    start: async (run: McpRun, { name, server }: Usable): Promise<Connection> => {
      const startTimeoutMs = Math.min(maxStartMs, run.timeoutMs);
      const connection = await connect(server, { ...run, startTimeoutMs });
      const session = sessions.get(run.id) ?? new Map<string, Connection>();
      sessions.set(run.id, session.set(name, connection));
      return connection;
    },
  };
}

type Usable = Extract<Choice, { server: unknown }>;

const startedAgain =
  '[The MCP server was started again for this call. It no longer has what it kept in memory.]';

/** @throws the error if it is not the fault of a server */
function faultOf(error: unknown): string {
  if (error instanceof McpFault) return error.message;
  throw error;
}
