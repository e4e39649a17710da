import type Anthropic from '@anthropic-ai/sdk';
import { z } from 'zod';
import type { Tool, ToolContext, ToolResult } from './tool.js';

interface Definition<Schema extends z.ZodObject> {
  name: string;
  description: string;
  input: Schema;
  writes?: (input: z.infer<Schema>) => boolean;
  summarise: (input: z.infer<Schema>) => string;
  call(input: z.infer<Schema>, context: ToolContext): Promise<ToolResult>;
}

/** A tool whose input is checked with its schema before it is called, and whose schema the model is given. */
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
    writes: (raw) => read(raw, (parsed) => definition.writes?.(parsed) ?? false, false),
    summarise: (raw) =>
      read(raw, (parsed) => definition.summarise(parsed), name)
        .split('\n')[0]
        ?.slice(0, 200)
        .toWellFormed() ?? name,
    call: async (raw, context) => {
      // No program takes one in an argument, and no database in a text.
      if (holdsNul(raw)) return { ok: false, text: `${name}: the input is wrong. No NUL can be in it` };
      const parsed = input.safeParse(raw);
      if (parsed.success) return definition.call(parsed.data, context);
      const faults = parsed.error.issues.map(
        ({ path, message }) => `${path.join('.') || 'input'}: ${message}`,
      );
      return { ok: false, text: `${name}: the input is wrong. ${faults.join('; ')}` };
    },
  };
}

function holdsNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0');
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsNul);
}

function jsonSchemaOf(schema: z.ZodObject): Anthropic.Tool.InputSchema {
  const { $schema: _, additionalProperties: __, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest as Anthropic.Tool.InputSchema;
}
