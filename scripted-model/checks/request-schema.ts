import { z } from 'zod';

/** Beta features that the scripted model plays, and the `anthropic-beta` values that turn them on. */
export const betas = {
  binding: 'thinking-binding-controls-2026-08-01',
  thresholdCompaction: 'compact-2026-01-12',
  compaction: 'compact-2026-09-04',
} as const;

/** Values that the API accepts although their features no longer need them. */
export const pastBetas = [
  'prompt-caching-2024-07-31',
  'token-counting-2024-11-01',
  'interleaved-thinking-2025-05-14',
  'extended-cache-ttl-2025-04-11',
  'context-1m-2025-08-07',
  'model-context-window-exceeded-2025-08-26',
];

const cacheControl = z
  .strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() })
  .nullish();
const nothing = z.unknown();
const imageTypes = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'] as const;

const text = z.strictObject({
  type: nothing,
  text: z.string(),
  citations: z.array(z.unknown()).nullish(),
  cache_control: cacheControl,
});
const image = z.strictObject({
  type: nothing,
  source: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('base64'), media_type: z.enum(imageTypes), data: z.base64() }),
    z.strictObject({ type: z.literal('url'), url: z.url() }),
  ]),
  cache_control: cacheControl,
});
const resultBlocks: Record<string, z.ZodType> = { text, image };

/** Schemas of the blocks in `content`, by `type`. */
const blocks: Record<string, z.ZodType> = {
  text,
  image,
  thinking: z.strictObject({ type: nothing, thinking: z.string(), signature: z.string() }),
  redacted_thinking: z.strictObject({ type: nothing, data: z.string() }),
  tool_use: z.strictObject({
    type: nothing,
    id: z.string().regex(/^[a-zA-Z0-9_-]+$/, "String should match pattern '^[a-zA-Z0-9_-]+$'"),
    name: z.string().min(1).max(200),
    input: z.record(z.string(), z.unknown()),
    caller: z.strictObject({ type: z.literal('direct') }).optional(),
    cache_control: cacheControl,
  }),
  tool_result: z.strictObject({
    type: nothing,
    tool_use_id: z.string(),
    content: z.union([z.string(), z.array(z.record(z.string(), z.unknown()))]).optional(),
    is_error: z.boolean().optional(),
    cache_control: cacheControl,
  }),
};
const compactionBlock = z.strictObject({
  type: nothing,
  content: z.string().min(1).nullish(),
  encrypted_content: z.string().nullish(),
  signature: z.string().nullish(),
  tool_changes: z.array(z.unknown()).nullish(),
  cache_control: cacheControl,
});

const customTool = z.strictObject({
  type: z.literal('custom').optional(),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/, "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal('object') }),
  strict: z.boolean().optional(),
  eager_input_streaming: z.boolean().nullish(),
  cache_control: cacheControl,
});
/** Schemas of the API's own client tools, by `type`. */
export const nativeTools: Record<string, z.ZodType> = {
  bash_20250124: z.strictObject({ type: nothing, name: z.literal('bash'), cache_control: cacheControl }),
  text_editor_20250728: z.strictObject({
    type: nothing,
    name: z.literal('str_replace_based_edit_tool'),
    max_characters: z.int().positive().nullish(),
    cache_control: cacheControl,
  }),
};

const binding = z
  .strictObject({ prefix_mismatch_behavior: z.enum(['error', 'drop_block']).nullish() })
  .nullish();
const display = z.enum(['summarized', 'omitted']).nullish();
const thinkingOf = (bound: object): Record<string, z.ZodType> => ({
  adaptive: z.strictObject({ type: nothing, display, ...bound }),
  between_tools: z.strictObject({ type: nothing }),
  disabled: z.strictObject({ type: nothing }),
  enabled: z.strictObject({ type: nothing, budget_tokens: z.int().min(1024), display, ...bound }),
});

const compactEdit = z.strictObject({
  type: z.literal('compact_20260112'),
  trigger: z.strictObject({ type: z.literal('input_tokens'), value: z.int().min(50_000) }).nullish(),
  pause_after_compaction: z.boolean().optional(),
  instructions: z.string().nullish(),
});

const objects = z.array(z.record(z.string(), z.unknown()));
const message = z.strictObject({
  role: z.enum(['user', 'assistant', 'system']),
  content: z.union([z.string(), objects]),
});

const bodyOf = (has: ReadonlySet<string>, isCount: boolean) =>
  z.strictObject({
    model: z.string(),
    messages: z.array(message),
    system: z.union([z.string(), objects]).optional(),
    tools: objects.optional(),
    tool_choice: z
      .strictObject({
        type: z.enum(['auto', 'any', 'tool', 'none']),
        name: z.string().optional(),
        disable_parallel_tool_use: z.boolean().optional(),
      })
      .optional(),
    thinking: z.record(z.string(), z.unknown()).optional(),
    output_config: z
      .strictObject({
        effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish(),
        format: z.strictObject({ type: z.literal('json_schema'), schema: z.looseObject({}) }).nullish(),
      })
      .optional(),
    cache_control: cacheControl,
    ...(has.has(betas.thresholdCompaction) && {
      context_management: z.strictObject({ edits: z.array(compactEdit).optional() }).nullish(),
    }),
    ...(has.has(betas.compaction) && {
      compaction: z
        .strictObject({ type: z.literal('summarize'), instructions: z.string().max(16_384).nullish() })
        .nullish(),
    }),
    ...(!isCount && {
      max_tokens: z.int().min(0),
      stream: z.boolean().optional(),
      stop_sequences: z.array(z.string().min(1)).optional(),
      metadata: z.strictObject({ user_id: z.string().max(512).nullish() }).optional(),
      service_tier: z.enum(['auto', 'standard_only']).optional(),
      inference_geo: z.string().nullish(),
    }),
  });

/**
 * Compares a body with the fields that the API knows.
 * @returns one line for each fault, with the path that the API uses and in its words
 */
export function checkSchema(body: unknown, has: ReadonlySet<string>, isCount: boolean): string[] {
  const faults = check(bodyOf(has, isCount), body, '');
  if (faults.length > 0) return faults;
  const { messages, system, tools = [], thinking } = body as z.infer<ReturnType<typeof bodyOf>>;
  const known = {
    ...blocks,
    ...((has.has(betas.compaction) || has.has(betas.thresholdCompaction)) && { compaction: compactionBlock }),
  };
  const bound = has.has(betas.binding) ? { block_binding: binding } : {};
  return [
    ...(thinking ? checkTagged(thinkingOf(bound), thinking, 'thinking') : []),
    ...tools.flatMap((tool, index) => checkTool(tool, `tools.${index}`)),
    ...listOf(system).flatMap((block, index) => checkTagged({ text }, block, `system.${index}`)),
    ...messages.flatMap(({ content }, at) =>
      listOf(content).flatMap((block, index) => [
        ...checkTagged(known, block, `messages.${at}.content.${index}`),
        ...listOf(block.type === 'tool_result' ? block.content : []).flatMap((inner, nested) =>
          checkTagged(resultBlocks, inner, `messages.${at}.content.${index}.tool_result.content.${nested}`),
        ),
      ]),
    ),
  ];
}

/** Whether the model supports the type of a tool is another check. */
function checkTool({ type = 'custom', ...tool }: Record<string, unknown>, path: string): string[] {
  const schema = type === 'custom' ? customTool : nativeTools[String(type)];
  return schema ? check(schema, { type, ...tool }, `${path}.${type}`) : [];
}

function checkTagged(schemas: Record<string, z.ZodType>, value: { type?: unknown }, path: string): string[] {
  const tag = String(value.type);
  const schema = schemas[tag];
  if (schema) return check(schema, value, `${path}.${tag}`);
  const expected = Object.keys(schemas).map((name) => `'${name}'`);
  return value.type === undefined
    ? [`${path}.type: Field required`]
    : [
        `${path}: Input tag '${tag}' found using 'type' does not match any of the expected tags: ` +
          expected.join(', '),
      ];
}

function check(schema: z.ZodType, value: unknown, path: string): string[] {
  const { error } = schema.safeParse(value, { reportInput: true });
  return (error?.issues ?? []).flatMap((issue) => {
    const at = [path, ...issue.path].filter((part) => part !== '').join('.');
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => describeUnknown(at ? `${at}.${key}` : key));
    return issue.input === undefined ? `${at}: Field required` : `${at}: ${describeIssue(issue)}`;
  });
}

function describeUnknown(path: string): string {
  return path === 'compaction'
    ? `compaction: requires anthropic-beta: ${betas.compaction}`
    : `${path}: Extra inputs are not permitted`;
}

function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value')
    return `Input should be ${issue.values.map((value) => `'${String(value)}'`).join(' or ')}`;
  if (issue.code === 'too_small') return `Input should be greater than or equal to ${issue.minimum}`;
  if (issue.code === 'too_big') return `Input should be less than or equal to ${issue.maximum}`;
  if (issue.code === 'invalid_type') return `Input should be a valid ${issue.expected}`;
  return issue.message;
}

function listOf(content: unknown): { type?: unknown; content?: unknown }[] {
  return Array.isArray(content) ? content : [];
}
