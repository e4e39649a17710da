import { createHash } from 'node:crypto';
import type { Tool } from '@modelcontextprotocol/client';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** A tool of an MCP server, as the model gets it. */
export interface McpTool {
  /** The name for the model, such as `mcp__tracker__search`. */
  name: string;
  server: string;
  /** The name that the server gave the tool. */
  tool: string;
  description: string;
  inputSchema: { type: 'object'; [keyword: string]: unknown };
}

/** Every definition costs tokens in each turn, so there are limits. */
const maxTools = 64;
const maxDescription = 2000;
const maxSchema = 16_000;
const maxAllSchemas = 64_000;

/**
 * Prepares a server's tools for the model, sorted by name. The API would refuse a whole request for one
 * invalid tool, so invalid tools are left out.
 * @param isGranted returns whether the agent may use the tool with this name
 * @param holdsSecret returns whether a text contains a credential of this process
 * @returns `leftOut`: human-readable, a tool's name and the reason for each tool that is left out
 */
export function describeTools(
  server: string,
  listed: readonly Tool[],
  isGranted: (tool: string) => boolean,
  holdsSecret: (text: string) => boolean,
): { tools: McpTool[]; leftOut: string[] } {
  const tools: McpTool[] = [];
  const leftOut: string[] = [];
  let left = maxAllSchemas;
  const granted = listed.filter(({ name }) => isGranted(name)).map(toStorable);
  for (const { name, description = '', inputSchema } of granted.sort(byName)) {
    const text = JSON.stringify(inputSchema);
    const fault =
      tools.length === maxTools || text.length > left
        ? 'there are too many tools'
        : findSchemaFault(inputSchema, text);
    if (holdsSecret(`${name} ${description} ${text}`))
      leftOut.push('a tool: its definition contains a credential');
    else if (fault !== null) leftOut.push(`${name.slice(0, 64)}: ${fault}`);
    else {
      left -= text.length;
      const { $schema: _, ...schema } = inputSchema;
      tools.push({
        name: toolName(server, name),
        server,
        tool: name,
        description: cut(description),
        inputSchema: schema,
      });
    }
  }
  return { tools, leftOut };
}

const byName = (one: Tool, other: Tool) => (one.name < other.name ? -1 : 1);

/** Removes NUL characters and lone surrogates, which Postgres and the API refuse. */
function toStorable(tool: Tool): Tool {
  return JSON.parse(JSON.stringify(tool), (_, part: unknown) =>
    typeof part === 'string' ? part.replaceAll('\0', '').toWellFormed() : part,
  ) as Tool;
}

function cut(text: string): string {
  return text.length > maxDescription ? `${text.slice(0, maxDescription).toWellFormed()}…` : text;
}

/** Names that the API accepts. */
const apiName = /^[\w-]{1,64}$/;

function toolName(server: string, tool: string): string {
  const name = `mcp__${server}__${tool}`;
  if (apiName.test(name)) return name;
  // The hash keeps apart names that differ only in characters that the API does not accept.
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.replace(/[^\w-]/g, '_').slice(0, 55)}_${hash}`;
}

const ajv = new Ajv2020({ logger: false });
const apiProperty = /^[\w.-]{1,64}$/;

/** Finds a reason for which the API would refuse the schema. */
function findSchemaFault(schema: Tool['inputSchema'], text: string): string | null {
  if (text.length > maxSchema) return 'its input schema is too long';
  const { $schema: _, ...rest } = schema;
  const isValid =
    ajv.validateSchema(rest) === true &&
    Object.keys(schema.properties ?? {}).every((name) => apiProperty.test(name)) &&
    !('oneOf' in schema || 'anyOf' in schema || 'allOf' in schema);
  return isValid ? null : 'the API does not accept its input schema';
}
