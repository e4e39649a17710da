import { appendEvent } from '../../../database/run-events.js';
import type { McpRun, McpServerState } from '../../../mcp/mcp-servers.js';
import type { Task } from '../../../task/task.js';
import type { Dependencies } from '../../dependencies.js';
import { openWorkspaceAt } from '../open-workspace.js';
import type { ProjectSetup } from '../project-setup.js';

/** Returns what MCP servers need from the run. */
export function mcpRunOf(task: Task, sandbox: McpRun['sandbox'], signal?: AbortSignal): McpRun {
  return { id: task.runId, sandbox, timeoutMs: task.settings.timeouts.command * 60_000, signal };
}

/**
 * Starts the MCP servers that the agent requests. They see the content that the work starts from. A server
 * can write files at any time. Its files become part of the next checkpoint, like the files of a command.
 */
export async function openMcpServers(
  d: Dependencies,
  task: Task,
  project: ProjectSetup,
): Promise<McpServerState[]> {
  if (task.agent.mcpServers.length === 0) return [];
  let workspace: ReturnType<typeof openWorkspaceAt> | null = null;
  const sandbox = async () => {
    // This step has no signal, because a stop kills its commands.
    workspace ??= openWorkspaceAt(d, task, project, task.start.commit, new AbortController().signal);
    return (await workspace).sandbox;
  };
  const servers = await d.mcp.open(mcpRunOf(task, sandbox), task.agent);
  await appendEvent(d.db, task.runId, {
    type: 'mcp-servers',
    servers: servers.map(({ tools, ...server }) => ({ ...server, tools: tools.length })),
  });
  return servers;
}
