import type Anthropic from '@anthropic-ai/sdk';
import { z } from 'zod';
import type { Tool, ToolContext, ToolResult } from './tool.js';

interface Definition<Schema extends z.ZodObject> {
  name: string;
  /**
   * Tells the model what the tool does, what it returns, and its limits. This text is the same in every run.
   */
  description: string;
  input: Schema;
  /** Returns whether a call can change something. Without this function, every call can. */
  writes?: (input: z.infer<Schema>) => boolean;
  summarize: (input: z.infer<Schema>) => string;
  call(input: z.infer<Schema>, context: ToolContext): Promise<ToolResult>;
}

/**
 * Makes a tool. Before each call, the input is checked against the tool's schema. The model gets this schema,
 * unless `native` is given.
 * @param native the API's own definition of the tool, which the model gets instead of the schema
 */
export function defineTool<Schema extends z.ZodObject>(
  definition: Definition<Schema>,
  native?: Anthropic.ToolUnion,
): Tool {
  const { name, description, input } = definition;
  const read = <T>(raw: unknown, use: (parsed: z.infer<Schema>) => T, otherwise: T): T => {
    const parsed = input.safeParse(raw);
    return parsed.success ? use(parsed.data) : otherwise;
  };
  return {
    name,
    definition: native ?? { name, description, input_schema: jsonSchemaOf(input) },
    writes: (raw) => read(raw, (parsed) => definition.writes?.(parsed) ?? true, false),
    summarize: (raw) =>
      read(raw, (parsed) => definition.summarize(parsed), name)
        .split('\n')[0]
        ?.slice(0, 200)
        .toWellFormed() ?? name,
    call: async (raw, context) => {
      // Program arguments and text columns in Postgres cannot contain NUL.
      if (hasNul(raw)) return invalid(name, 'NUL characters are not allowed');
      const parsed = input.safeParse(raw);
      if (parsed.success) return definition.call(parsed.data, context);
      const faults = parsed.error.issues.map(
        ({ path, message }) => `${path.join('.') || 'input'}: ${message}`,
      );
      return invalid(name, faults.join('; '));
    },
  };
}

function invalid(name: string, reason: string): ToolResult {
  return { ok: false, text: `Invalid input for ${name}: ${reason}` };
}

function hasNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0');
  return typeof value === 'object' && value !== null && Object.values(value).some(hasNul);
}

/**
 * Limits that are left out of the schema that the model gets. No sensible call reaches them, and they would
 * cost tokens in every turn.
 */
const leftOut = ['minLength', 'maxLength', 'minItems', 'maxItems', 'minimum', 'maximum'] as const;

function jsonSchemaOf(schema: z.ZodObject): Anthropic.Tool.InputSchema {
  const { $schema, additionalProperties, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      for (const limit of leftOut) delete jsonSchema[limit];
    },
  });
  return rest as Anthropic.Tool.InputSchema;
}
