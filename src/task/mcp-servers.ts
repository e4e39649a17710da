import { z } from 'zod';

/*
 * MCP servers, which give an agent more tools. Only the operator defines servers. An agent file requests them
 * by name. The formats are those of Claude Code and GitHub Copilot.
 */

/** A server that an agent file requests. */
export const RequestedMcpServer = z.object({
  name: z.string(),
  /** The tools that the agent may use; null for all. */
  tools: z.array(z.string()).nullable(),
});
export type RequestedMcpServer = z.infer<typeof RequestedMcpServer>;

const toolNames = z
  .array(z.string(), { error: 'a list of tool names' })
  .nullish()
  .transform((names) => (!names || names.includes('*') ? null : names));
const texts = z
  .record(z.string(), z.string({ error: 'a text' }), { error: 'pairs of a name and a text' })
  .default({});

/** A program that runs in the sandbox and communicates through its standard input and output. */
const LocalMcpServer = z.strictObject(
  {
    type: z
      .enum(['stdio', 'local'], { error: 'stdio or local' })
      .default('stdio')
      .transform(() => 'stdio' as const),
    command: z.string({ error: 'a program, or a `url` instead' }).min(1, { error: 'a program' }),
    args: z.array(z.string(), { error: 'a list of texts' }).default([]),
    /** The agent can read these values, so they must not contain a credential. */
    env: texts,
    tools: toolNames,
  },
  { error: 'a program, or a `url` instead' },
);

/** A server on the network. Only the host connects to it. */
const RemoteMcpServer = z.strictObject({
  type: z
    .enum(['http', 'streamable-http', 'sse'], { error: 'http or sse' })
    .transform((type) => (type === 'sse' ? ('sse' as const) : ('http' as const))),
  url: z.url({ protocol: /^https?$/, error: 'an http:// or https:// URL' }),
  /** Credentials of the operator. */
  headers: texts,
  /** Whether the host may have an address that is not public. */
  private: z.boolean({ error: 'true or false' }).default(false),
  tools: toolNames,
});

/** The operator's definition of a server. */
export type McpServer = z.infer<typeof LocalMcpServer> | z.infer<typeof RemoteMcpServer>;

/** Parses the operator's definition of one server. The messages complete the sentence "expected …". */
export function parseMcpServer(value: unknown): { server: McpServer } | { fault: string } {
  const isRemote = typeof value === 'object' && value !== null && 'url' in value;
  const parsed = (isRemote ? RemoteMcpServer : LocalMcpServer).safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join('.');
    const expected = issue?.code === 'unrecognized_keys' ? `no field \`${issue.keys[0]}\`` : issue?.message;
    return { fault: `${field ? `${field}: ` : ''}expected ${expected}` };
  }
  const server: McpServer = parsed.data;
  if (server.type === 'stdio') return { server };
  const { protocol, username, password } = new URL(server.url);
  if (username || password) return { fault: 'url: expected no user or password; use `headers`' };
  if (protocol !== 'https:' && !server.private)
    return { fault: 'url: expected https://, because `private: true` is not set' };
  return { server };
}

const definition = 'expected names of servers, or servers with a `command` or a `url`';

/** The fields of a definition in an agent file that count. The operator's definition has the rest. */
const InlineServer = z
  .looseObject(
    {
      command: z.string({ error: definition }).optional(),
      url: z.string({ error: definition }).optional(),
      tools: toolNames,
    },
    { error: definition },
  )
  .refine(({ command, url }) => command ?? url, { error: definition });

const serverName = z
  .string({ error: definition })
  .trim()
  .min(1, { error: definition })
  .max(64, { error: definition });
const namedServers = z
  .record(serverName, InlineServer.nullable(), { error: definition })
  .transform((servers) =>
    Object.entries(servers).map(
      ([name, inline]): RequestedMcpServer => ({ name, tools: inline?.tools ?? null }),
    ),
  );

/**
 * The field `mcp-servers` or `mcpServers` of an agent file. Copilot writes an object of definitions. Claude
 * Code writes a list, whose items are names or objects of definitions.
 */
export const requestedMcpServers = z
  .union(
    [
      namedServers,
      z
        .array(
          z.union(
            [serverName.transform((name): RequestedMcpServer[] => [{ name, tools: null }]), namedServers],
            {
              error: definition,
            },
          ),
        )
        .transform((items) => items.flat()),
    ],
    { error: definition },
  )
  .nullish()
  .transform((servers) => servers ?? []);

/**
 * Checks whether an agent's `tools` grant a tool of a server. Claude Code writes `mcp__server__tool` or
 * `mcp__server`. Copilot writes `server/tool` or `server/*`.
 * @param names null grants all tools
 */
export function grantsMcpTool(names: readonly string[] | null, server: string, tool: string): boolean {
  if (names === null) return true;
  const prefix = `mcp__${server}`;
  const granting = [prefix, `${prefix}__*`, `${prefix}__${tool}`, `${server}/*`, `${server}/${tool}`];
  const wanted = new Set(granting.map((name) => name.toLowerCase()));
  return names.some((name) => wanted.has(name.toLowerCase()));
}

/** Checks whether an agent's `tools` can grant any tool of a server. */
export function grantsMcpServer(names: readonly string[] | null, server: string): boolean {
  const prefixes = [`mcp__${server}__`, `${server}/`].map((prefix) => prefix.toLowerCase());
  return (
    grantsMcpTool(names, server, '*') ||
    Boolean(names?.some((name) => prefixes.some((prefix) => name.toLowerCase().startsWith(prefix))))
  );
}
