import Ajv2020 from 'ajv/dist/2020.js';
import { blocksOf, type MessagesRequest, type Tool } from '../messages-request.js';
import type { ModelSpec } from '../models.js';
import { betas, nativeTools, pastBetas } from './request-schema.js';

const ajv = new Ajv2020.default({ strict: false, validateFormats: false });

/** Splits the header `anthropic-beta`. */
export function readBetas(header: string | undefined): ReadonlySet<string> {
  return new Set((header ?? '').split(',').flatMap((value) => value.trim() || []));
}

/** @returns a list with the API's message for a header that names an unknown beta, or an empty list */
export function checkBetas(has: ReadonlySet<string>): string[] {
  const known: readonly string[] = [...Object.values(betas), ...pastBetas];
  const unknown = [...has].filter((value) => !known.includes(value)).map((value) => `\`${value}\``);
  if (unknown.length === 0) return [];
  return [
    `Unexpected value(s) ${unknown.join(', ')} for the \`anthropic-beta\` header. Please consult our ` +
      'documentation at platform.claude.com/docs or try again without the header.',
  ];
}

/** Finds parameters that this model does not accept, alone or together. The body has a valid schema. */
export function checkParameters(request: MessagesRequest, model: ModelSpec): string[] {
  return [
    ...checkThinking(request, model),
    ...checkTools(request, model),
    ...checkOutput(request, model),
    ...checkCompaction(request),
  ];
}

function checkThinking({ thinking, output_config }: MessagesRequest, model: ModelSpec): string[] {
  const type = thinking?.type ?? 'adaptive';
  const effort = output_config?.effort ?? model.defaultEffort;
  if (!model.thinkingTypes.includes(type)) return [explainThinkingType(type, model)];
  if (type !== 'adaptive' && (effort === 'xhigh' || effort === 'max'))
    return [
      `output_config.effort '${effort}' is not supported when thinking is disabled on this model. Use effort ` +
        "'high' or below, or enable thinking.",
    ];
  return [];
}

function explainThinkingType(type: string, model: ModelSpec): string {
  if (type === 'disabled' && model.thinkingTypes.includes('between_tools'))
    return (
      'To turn thinking off on this model, send "thinking": {"type": "between_tools"} instead of ' +
      '{"type": "disabled"}. The model does not think before responding. The short updates it writes between ' +
      'tool calls come back as thinking blocks.'
    );
  const advice =
    type === 'between_tools'
      ? ''
      : ' Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.';
  return `"thinking.type.${type}" is not supported for this model.${advice}`;
}

function checkTools({ tools = [], tool_choice, thinking }: MessagesRequest, model: ModelSpec): string[] {
  const names = tools.map(({ name }) => name);
  const faults = tools.flatMap((tool, index) => checkTool(tool, index, model));
  if (new Set(names).size < names.length) faults.push('tools: Tool names must be unique.');
  if (!tool_choice) return faults;
  const forced = tool_choice.type === 'any' || tool_choice.type === 'tool';
  if (tools.length === 0) faults.push('tool_choice: may only be specified while providing tools');
  if (forced && !model.acceptsForcedTools)
    faults.push('tool_choice: type "tool" and "any" are not supported for this model.');
  else if (forced && (thinking?.type ?? 'adaptive') === 'adaptive')
    faults.push('Thinking may not be enabled when tool_choice forces tool use.');
  if (tool_choice.type === 'tool' && !names.includes(tool_choice.name ?? ''))
    faults.push(`Tool '${tool_choice.name}' not found in provided tools`);
  return faults;
}

function checkTool({ type, input_schema }: Tool, index: number, model: ModelSpec): string[] {
  if (type !== undefined && type !== 'custom')
    return nativeTools[type] ? [] : [`'${model.id}' does not support tool types: ${type}.`];
  const schema = input_schema as Record<string, unknown>;
  const path = `tools.${index}.custom.input_schema`;
  if (['oneOf', 'allOf', 'anyOf'].some((key) => key in schema))
    return [`${path}: input_schema does not support oneOf, allOf, or anyOf at the top level`];
  return ajv.validateSchema(schema)
    ? []
    : [`${path}: JSON schema is invalid. It must match JSON Schema draft 2020-12`];
}

function checkOutput(request: MessagesRequest, model: ModelSpec): string[] {
  const { max_tokens, stream, output_config } = request;
  if (max_tokens > model.maxOutputTokens)
    return [
      `max_tokens: ${max_tokens} > ${model.maxOutputTokens}, which is the maximum allowed number of output ` +
        `tokens for ${model.id}`,
    ];
  if (max_tokens !== 0) return [];
  return [
    ...(stream ? ['max_tokens: 0 is not supported when `stream` is true'] : []),
    ...(output_config?.format ? ['max_tokens: 0 is not supported with `output_config.format`'] : []),
  ];
}

function checkCompaction(request: MessagesRequest): string[] {
  const { compaction, context_management, stop_sequences, output_config, messages } = request;
  const hasSummary = messages.some(({ content }) =>
    blocksOf(content).some(({ type, signature }) => type === 'compaction' && signature),
  );
  if (hasSummary && context_management?.edits?.length)
    return [
      'context_management: `compact_20260112` cannot run on a request with a signed `compaction` block',
    ];
  if (!compaction) return [];
  return [
    ...(context_management ? ['compaction: cannot be combined with `context_management`'] : []),
    ...(stop_sequences?.length ? ['compaction: cannot be combined with `stop_sequences`'] : []),
    ...(output_config?.format ? ['compaction: cannot be combined with `output_config.format`'] : []),
  ];
}
