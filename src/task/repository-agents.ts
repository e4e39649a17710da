import { type Agent, AgentFileError, parseAgentFile } from './agent-file.js';
import { grantsMcpServer } from './mcp-servers.js';

/**
 * The folders where repositories keep agent files. If two agents have the same name, the first one found is
 * used.
 */
const folders = ['.claude/agents', '.github/agents', '.agents/agents'];
const maxFiles = 30;

/**
 * Reads a repository's own agents from its default branch. They get only tools that the operator allows.
 * @param paths the paths of all files on the default branch
 * @param tools the tools that the operator allows; null allows all
 * @param taken names of the operator's own agents, which a repository cannot replace
 * @returns the agents, and a message for each broken file
 */
export async function readRepositoryAgents(
  paths: readonly string[],
  readFile: (path: string) => Promise<string | null>,
  tools: readonly string[] | null,
  taken: readonly string[],
): Promise<{ agents: Agent[]; faults: string[] }> {
  const agents: Agent[] = [];
  const faults: string[] = [];
  const isAgentFile = (path: string) =>
    folders.some((folder) => path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes('/')) &&
    path.endsWith('.md') &&
    !/\/readme\.md$/i.test(path);
  for (const path of paths.filter(isAgentFile).slice(0, maxFiles)) {
    const text = await readFile(path);
    if (text === null) continue;
    try {
      const agent = parseAgentFile(text, path);
      if (taken.includes(agent.name) || agents.some(({ name }) => name === agent.name)) continue;
      agents.push({ ...agent, tools: narrow(agent, tools), fromRepository: true });
    } catch (error) {
      if (!(error instanceof AgentFileError)) throw error;
      faults.push(error.message);
    }
  }
  return { agents, faults };
}

/** Applies the operator's list of tools. It does not name tools of MCP servers, which have their own list. */
function narrow({ tools: wanted, mcpServers }: Agent, allowed: readonly string[] | null): string[] | null {
  if (allowed === null) return wanted && [...wanted];
  if (wanted === null) return [...allowed, ...mcpServers.map(({ name }) => `mcp__${name}`)];
  const names = new Set(allowed.map((name) => name.toLowerCase()));
  return wanted.filter(
    (name) =>
      names.has(name.toLowerCase()) || mcpServers.some((server) => grantsMcpServer([name], server.name)),
  );
}
