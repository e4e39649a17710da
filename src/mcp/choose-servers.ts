import type { Agent } from '../task/agent-file.js';
import { grantsMcpServer, grantsMcpTool, type McpServer } from '../task/mcp-servers.js';

/** The operator's rules for MCP servers. */
export interface McpRules {
  servers: Readonly<Record<string, McpServer>>;
  /** Names of the servers that agents of repositories may use. */
  forRepositories: readonly string[];
}

/** The part of an agent that decides about its servers. */
export type Requester = Pick<Agent, 'mcpServers' | 'tools' | 'fromRepository'>;

/** A server that an agent requests. */
export type Choice =
  | { name: string; server: McpServer; isGranted: (tool: string) => boolean }
  /** Why the agent does not get the server, as words after its name and a colon. */
  | { name: string; fault: string };

/** Decides which of the servers that an agent requests it may use. */
export function chooseServers(
  { mcpServers, tools, fromRepository }: Requester,
  { servers, forRepositories }: McpRules,
): Choice[] {
  const requested = new Map(mcpServers.map((request) => [request.name, request]));
  return [...requested.values()].map(({ name, tools: requestedTools }): Choice => {
    const server = Object.hasOwn(servers, name) ? servers[name] : undefined;
    if (!server) return { name, fault: 'the operator does not define it (MCP_SERVERS)' };
    if (fromRepository && !forRepositories.includes(name))
      return { name, fault: 'the operator does not allow it for agents of repositories' };
    if (!grantsMcpServer(tools, name)) return { name, fault: "the agent's `tools` do not name it" };
    return {
      name,
      server,
      isGranted: (tool) =>
        [server.tools, requestedTools].every((names) => names?.includes(tool) ?? true) &&
        grantsMcpTool(tools, name, tool),
    };
  });
}
