import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import matter from 'gray-matter';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { efforts } from '../runs/effort.js';
import { isTooDeep } from './is-too-deep.js';
import { RequestedMcpServer, requestedMcpServers } from './mcp-servers.js';

/** An agent. Its Markdown file contains these values in the frontmatter and the body. */
export const Agent = z.object({
  /** Consists of lowercase letters, digits and hyphens. */
  name: z.string(),
  description: z.string(),
  /** An alias such as `sonnet`, or the id of a model. Null means the operator's default model. */
  model: z.string().nullable(),
  /** How much the model works on each reply. Null if the file does not say. */
  effort: z.enum(efforts).nullable(),
  color: z.string().nullable(),
  /** Tool names as written in the file, either Claude Code's or Pullwright's. Null grants all tools. */
  tools: z.array(z.string()).nullable(),
  /** The MCP servers that the file requests. */
  mcpServers: z.array(RequestedMcpServer),
  /** Whether the file is from a repository. Otherwise, it is the operator's. */
  fromRepository: z.boolean(),
  /** The system prompt, which is the body of the file. */
  prompt: z.string(),
  /** The path of the agent's file, for messages. */
  source: z.string(),
});
export type Agent = z.infer<typeof Agent>;

/** Thrown if an agent file is invalid. The message contains the file, the line and the reason. */
export class AgentFileError extends Error {
  override name = 'AgentFileError';
  constructor(
    readonly file: string,
    readonly line: number,
    readonly reason: string,
  ) {
    super(`${file}:${line}: ${reason}`);
  }
}

const toolList = 'expected a list of tool names, or names separated by commas';
const modelName = 'expected sonnet, opus, haiku, fable, inherit or the id of a model';
/** Names for the operator's default model. */
const defaultModel = new Set(['inherit', 'default']);

const Frontmatter = z.object(
  {
    name: z.string({ error: 'expected a name' }).regex(/^[a-z0-9][a-z0-9-]{0,63}$/, {
      error: 'expected a name of lower-case letters, digits and hyphens',
    }),
    description: z
      .string({ error: 'expected a description of the work that the agent does' })
      .trim()
      .min(1, { error: 'expected a description of the work that the agent does' }),
    model: z
      .string({ error: modelName })
      .regex(/^[a-z0-9][\w.:@/-]*(?:\[1m\])?$/i, { error: modelName })
      .nullish(),
    effort: z.enum(efforts, { error: `expected one of ${efforts.join(', ')}` }).nullish(),
    color: z.string({ error: 'expected the name of a color' }).nullish(),
    tools: z
      .preprocess(
        (value) => (typeof value === 'string' ? value.split(',').map((name) => name.trim()) : value),
        z.array(z.string({ error: toolList }), { error: toolList }).nullish(),
      )
      .transform((names) => names?.filter(Boolean))
      .refine((names) => names?.length !== 0, {
        error: 'expected at least one tool; to grant all tools, leave this field out',
      }),
    'mcp-servers': requestedMcpServers,
    mcpServers: requestedMcpServers,
  },
  { error: 'expected fields such as `name: backend-developer`' },
);

/**
 * Parses an agent file. First reads the frontmatter as strict YAML. If that fails, reads each value that is
 * not valid YAML as plain text, because many descriptions contain `: `.
 * @param file the path of the file, for messages
 * @throws AgentFileError
 */
export function parseAgentFile(text: string, file: string): Agent {
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const lines = source.split('\n');
  const fail = (line: number, reason: string) => new AgentFileError(file, line, reason);
  // This check comes first, because gray-matter executes the frontmatter of a file that begins with `---js`.
  if (!matter.test(source) || matter.language(source).name !== '')
    throw fail(1, `expected YAML frontmatter after a line \`---\`; found ${show(lines[0])}`);
  const end = lines.findIndex((line, index) => index > 0 && line.startsWith('---'));
  if (end < 0) throw fail(lines.length, 'expected a line `---` at the end of the frontmatter; found none');

  // If gray-matter gets options, it bypasses its cache. This is necessary, because the cache returns an empty
  // result for a file that failed to parse earlier.
  const engines = { yaml: { parse: (yaml: string) => parseFrontmatter(yaml, fail) } };
  const { data, content } = matter(source, { engines });
  const parsed = Frontmatter.safeParse(data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const key = String(issue?.path[0] ?? '');
    const value = key ? data[key] : data;
    const line = lines.findIndex((one, index) => index < end && key && one.startsWith(`${key}:`));
    const message = `${issue?.message}; found ${show(value)}`;
    throw fail(Math.max(0, line) + 1, key ? `${key}: ${message}` : message);
  }
  const prompt = content.trim();
  if (!prompt) throw fail(end + 1, 'expected a system prompt after the frontmatter; found none');
  const { name, description, model, effort, color, tools, mcpServers } = parsed.data;
  return {
    name,
    description,
    model: model && !defaultModel.has(model) ? model : null,
    effort: effort ?? null,
    color: color ?? null,
    tools: !tools || tools.includes('*') ? null : tools,
    mcpServers: [...parsed.data['mcp-servers'], ...mcpServers],
    fromRepository: false,
    prompt,
    source: file,
  };
}

/**
 * Parses the frontmatter.
 * @param yaml the text between the opening and the closing `---`; its line numbers are those of the file
 */
function parseFrontmatter(yaml: string, fail: (line: number, reason: string) => Error): object {
  if (isTooDeep(yaml)) throw fail(1, 'expected plain YAML; it is nested too deeply');
  const strict = parseDocument(yaml);
  const document = strict.errors.length === 0 ? strict : parseDocument(quoteInvalidValues(yaml));
  const [error] = document.errors;
  if (error) {
    const [reason = ''] = error.message.split(/ at line \d+|\n/);
    throw fail(error.linePos?.[0].line ?? 1, `expected YAML such as \`key: value\`; ${reason}`);
  }
  try {
    return document.toJS({ maxAliasCount: 20 }) ?? {};
  } catch (error) {
    throw fail(1, `expected plain YAML; ${(error as Error).message}`);
  }
}

/**
 * Quotes each top-level value that is not valid YAML, so that it becomes a string. A value includes the
 * indented lines below its key. Line numbers stay the same.
 */
function quoteInvalidValues(yaml: string): string {
  return yaml.replace(/^([A-Za-z][\w-]*):[ \t]+(.*(?:\n[ \t]+\S.*)*)/gm, (entry, key, value: string) => {
    if (parseDocument(entry).errors.length === 0) return entry;
    const rest = '\n'.repeat(value.split('\n').length - 1);
    return `${key}: ${JSON.stringify(value.replace(/\s+/g, ' ').trim())}${rest}`;
  });
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'none';
  return text.length > 80 ? `${text.slice(0, 80).toWellFormed()}…` : text;
}

/**
 * Reads one agent file, or every `*.md` file of a folder except README.md.
 * @returns the agents, and a fault for each broken file
 * @throws Error if the path does not exist
 */
export async function readAgents(place: string): Promise<{ agents: Agent[]; faults: AgentFileError[] }> {
  if (!existsSync(place)) throw new Error(`agents: expected a file or folder; ${place} does not exist`);
  const isFolder = (await stat(place)).isDirectory();
  const files = isFolder
    ? (await readdir(place))
        .filter((name) => name.endsWith('.md') && !/^readme\.md$/i.test(name))
        .sort()
        .map((name) => path.join(place, name))
    : [place];
  const agents: Agent[] = [];
  const faults: AgentFileError[] = [];
  for (const file of files) {
    try {
      const agent = parseAgentFile(await readFile(file, 'utf8'), file);
      const duplicate = agents.find(({ name }) => name === agent.name);
      if (duplicate)
        throw new AgentFileError(file, 2, `name: "${agent.name}" is already used by ${duplicate.source}`);
      agents.push(agent);
    } catch (error) {
      if (!(error instanceof AgentFileError)) throw error;
      faults.push(error);
    }
  }
  return { agents, faults };
}
