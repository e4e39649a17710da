import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import matter from 'gray-matter';
import { z } from 'zod';

/** An agent as its Markdown file describes it: frontmatter and system prompt. */
export const Agent = z.object({
  /** Lower-case letters, digits and hyphens. */
  name: z.string(),
  description: z.string(),
  /** An alias (`sonnet`, `opus`, `haiku`), a full model id, or null: the operator's default (`inherit` or absent). */
  model: z.string().nullable(),
  color: z.string().nullable(),
  /** Tool names as in the file, Claude Code's or ours; null: all of them. */
  tools: z.array(z.string()).nullable(),
  /** The system prompt: the file's body. */
  prompt: z.string(),
  /** Where it was read from, for messages. */
  source: z.string(),
});
export type Agent = z.infer<typeof Agent>;

/** An agent file is broken. The message has file, line and reason. */
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

const list = z.union([
  z.array(z.string()),
  z.string().transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  ),
]);

const Frontmatter = z.object({
  name: z.string({ error: 'expected a name' }).regex(/^[a-z0-9][a-z0-9-]{0,63}$/, {
    error: 'expected a name of lower-case letters, digits and hyphens',
  }),
  description: z
    .string({ error: 'expected a description of what the agent is for' })
    .trim()
    .min(1, { error: 'expected a description of what the agent is for' }),
  model: z
    .string({ error: 'expected sonnet, opus, haiku, inherit or the full id of a model' })
    .regex(/^[a-z0-9][\w.:@-]*$/i, {
      error: 'expected sonnet, opus, haiku, inherit or the full id of a model',
    })
    .nullish(),
  color: z.string({ error: 'expected the name of a colour' }).nullish(),
  tools: list.nullish(),
});

/**
 * Takes agent files as people have them: strict YAML first; where that fails, each top-level line `key: rest` as it
 * stands, since descriptions with a bare `: ` in them are everywhere.
 * @throws AgentFileError
 */
export function parseAgentFile(text: string, file: string): Agent {
  const normalised = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const lines = normalised.split('\n');
  if (lines[0]?.trimEnd() !== '---')
    throw new AgentFileError(
      file,
      1,
      `expected frontmatter that begins with a line ---; found ${quote(lines[0])}`,
    );
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---');
  if (end < 0)
    throw new AgentFileError(file, lines.length, 'expected a line --- that ends the frontmatter; found none');

  const head = lines.slice(1, end);
  const fields = readFrontmatter(normalised, head, file);
  const lineOf = (key: string) => Math.max(1, head.findIndex((line) => line.startsWith(`${key}:`)) + 2);
  const parsed = Frontmatter.safeParse(fields);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const key = String(issue?.path[0] ?? '');
    const found = fields[key] === undefined ? 'none' : quote(JSON.stringify(fields[key]));
    throw new AgentFileError(
      file,
      lineOf(key),
      `${key}: ${issue?.message.replace(/^Invalid input.*/, 'expected a list of names or names with commas between') ?? 'is wrong'}; found ${found}`,
    );
  }
  const prompt = lines
    .slice(end + 1)
    .join('\n')
    .trim();
  if (prompt === '')
    throw new AgentFileError(file, end + 1, 'expected a system prompt behind the frontmatter; found nothing');
  const { name, description, model, color, tools } = parsed.data;
  if (tools && tools.length === 0)
    throw new AgentFileError(
      file,
      lineOf('tools'),
      'tools: expected at least one tool; leave the line out for all of them',
    );
  return {
    name,
    description,
    model: !model || model === 'inherit' ? null : model,
    color: color ?? null,
    tools: tools ?? null,
    prompt,
    source: file,
  };
}

/** @throws AgentFileError when neither reading makes sense of it */
function readFrontmatter(text: string, head: string[], file: string): Record<string, unknown> {
  try {
    // An options object keeps gray-matter from answering out of its cache, where a failed parse counts as empty.
    const { data } = matter(text, {
      engines: { javascript: () => refuseLanguage(file), json: () => refuseLanguage(file) },
    });
    if (data === null || typeof data !== 'object' || Array.isArray(data))
      throw new AgentFileError(file, 2, 'expected fields `key: value`');
    return data as Record<string, unknown>;
  } catch (error) {
    if (error instanceof AgentFileError) throw error;
    const line = Number((error as { mark?: { line?: number } }).mark?.line ?? 0) + 1;
    return readLeniently(
      head,
      file,
      Math.max(2, line),
      (error as { reason?: string }).reason ?? 'it is no YAML',
    );
  }
}

function readLeniently(
  head: string[],
  file: string,
  yamlLine: number,
  yamlReason: string,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  let last: string | null = null;
  for (const [index, line] of head.entries()) {
    const [, key, value = ''] = /^([A-Za-z][\w-]*):(?:[ \t]+(.*))?$/.exec(line) ?? [];
    const item = /^\s*-\s+(.*)$/.exec(line)?.[1];
    if (key) {
      if (key in fields) throw new AgentFileError(file, index + 2, `${key}: it stands here a second time`);
      fields[key] = value.trim().replace(/^(["'])(.*)\1$/, '$2');
      last = key;
    } else if (item && last && (Array.isArray(fields[last]) || fields[last] === ''))
      fields[last] = [...(Array.isArray(fields[last]) ? (fields[last] as string[]) : []), item.trim()];
    else if (/^\s+\S/.test(line) && last && typeof fields[last] === 'string')
      fields[last] = `${fields[last]} ${line.trim()}`.trim();
    else if (line.trim() !== '' && !line.trimStart().startsWith('#'))
      throw new AgentFileError(
        file,
        Math.max(yamlLine, index + 2),
        `expected \`key: value\`; ${yamlReason}; found ${quote(line)}`,
      );
  }
  return fields;
}

function refuseLanguage(file: string): never {
  throw new AgentFileError(file, 1, 'expected YAML frontmatter; found another language');
}

function quote(text: string | undefined): string {
  return text === undefined ? 'nothing' : `"${text.length > 80 ? `${text.slice(0, 80)}…` : text}"`;
}

/**
 * Reads the agent files at a place: one file, or all `*.md` of a folder but for README.md.
 * @throws Error when there is nothing at that place
 */
export async function readAgents(place: string): Promise<{ agents: Agent[]; faults: AgentFileError[] }> {
  if (!existsSync(place)) throw new Error(`agents: expected a file or folder; there is nothing at ${place}`);
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
        throw new AgentFileError(file, 2, `name: "${agent.name}" is the name of ${duplicate.source} too`);
      agents.push(agent);
    } catch (error) {
      if (!(error instanceof AgentFileError)) throw error;
      faults.push(error);
    }
  }
  return { agents, faults };
}
