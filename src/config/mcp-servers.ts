import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { type McpServer, parseMcpServer } from '../task/mcp-servers.js';
import { secretHeader } from './secret-header.js';
import type { Variables } from './setting.js';

export interface McpDefinitions {
  /** The operator's definitions, by the name of the server. */
  servers: Readonly<Record<string, McpServer>>;
  /** The credentials in the definitions. */
  secrets: readonly string[];
}

/** A name is a part of the names of tools, which have at most 64 characters. */
const serverName = /^(?!.*__)[A-Za-z0-9][\w-]{0,31}$/;

/**
 * Reads the operator's definitions of MCP servers from a YAML or JSON file.
 * @param file null if there are no servers
 * @param variables the values for `${NAME}` in URLs and headers
 * @returns the definitions; if there are faults, one line per fault instead, without values of the file
 */
export function readMcpServers(
  file: string | null,
  variables: Variables,
): McpDefinitions | { faults: string[] } {
  if (file === null) return { servers: {}, secrets: [] };
  const fail = (message: string) => ({ faults: [`MCP_SERVERS: ${message}`] });
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return fail(`expected a readable file; ${(error as Error).message}`);
  }
  const document = parseDocument(text, { logLevel: 'silent' });
  const [error] = document.errors;
  if (error) return fail(`expected YAML or JSON in ${file}; line ${error.linePos?.[0].line ?? 1} is neither`);
  const defined = (document.toJS() as { mcpServers?: unknown } | null)?.mcpServers;
  if (typeof defined !== 'object' || defined === null || Array.isArray(defined))
    return fail(`expected an object \`mcpServers\` in ${file}; found none`);
  const faults: string[] = [];
  const secrets = new Set<string>();
  const servers = Object.entries(defined).flatMap(([name, value]) => {
    const read = serverName.test(name)
      ? parseMcpServer(value)
      : { fault: 'expected a name of at most 32 letters, digits, hyphens and single underscores' };
    const expanded = 'server' in read ? expand(read.server, variables, secrets) : read;
    if ('server' in expanded) return [[name, expanded.server] as const];
    faults.push(`MCP_SERVERS: ${name}: ${expanded.fault}`);
    return [];
  });
  return faults.length > 0 ? { faults } : { servers: Object.fromEntries(servers), secrets: [...secrets] };
}

const reference = /\$\{(\w+)\}/;

/**
 * Replaces `${NAME}` in the URL and the headers of a server.
 * @param secrets gets the values of the variables, and the headers that are credentials
 */
function expand(
  server: McpServer,
  variables: Variables,
  secrets: Set<string>,
): { server: McpServer } | { fault: string } {
  if (server.type === 'stdio')
    return reference.test(JSON.stringify(server))
      ? { fault: 'expected no variables, because the agent can read what a server in the sandbox gets' }
      : { server };
  const unset = new Set<string>();
  const replace = (text: string) =>
    text.replace(new RegExp(reference, 'g'), (_, name: string) => {
      const value = variables[name];
      if (value === undefined) unset.add(name);
      else secrets.add(value);
      return value ?? '';
    });
  const url = replace(server.url);
  const headers = Object.fromEntries(
    Object.entries(server.headers).map(([name, value]) => [name, replace(value)]),
  );
  // A header such as `Bearer <token>` consists of a scheme and the credential.
  for (const [name, value] of Object.entries(headers))
    if (secretHeader.test(name)) secrets.add(value.replace(/^\w+ +/, ''));
  if (unset.size > 0) return { fault: `expected a value for ${[...unset].join(' and ')}; it is not set` };
  return { server: { ...server, url, headers } };
}
