import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type ScriptedModel, startScriptedModel } from '../scripted-model.js';

let model: ScriptedModel;

beforeAll(async () => {
  model = await startScriptedModel();
  model.script({ when: 'Add', turns: [{ say: 'Two.' }] });
});
afterAll(() => model.stop());
beforeEach(() => {
  model.violations.length = 0;
});

const user = { role: 'user', content: 'Add 1 and 1.' };
const tool = { name: 'add', input_schema: { type: 'object', properties: {} } };

/** Sends a request, and returns the status and the message of an error. */
async function send(body: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${model.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': model.apiKey, 'anthropic-version': '2026-10-21', ...headers },
    body: JSON.stringify({ model: 'claude-sonnet-5-5', max_tokens: 100, messages: [user], ...body }),
  });
  const answer = (await response.json()) as { error?: { type: string; message: string } };
  return { status: response.status, message: answer.error?.message ?? null };
}

const call = { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'add', input: {} }] };
const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: '2' };
const text = (words: string) => ({ type: 'text', text: words });
const haiku = { model: 'claude-haiku-5-5' };

describe('a request is refused, in the words of the API, for', () => {
  test.each<[string, object, string]>([
    ['an unknown field', { colour: 'red' }, 'colour: Extra inputs are not permitted'],
    ['a missing field', { max_tokens: undefined }, 'max_tokens: Field required'],
    ['a removed parameter', { temperature: 0.5 }, 'temperature: Extra inputs are not permitted'],
    ['a parameter of the wrong type', { stream: 'yes' }, 'stream: Input should be a valid boolean'],
    [
      'an unknown field of a block',
      { messages: [{ role: 'user', content: [{ ...text('Add'), note: 1 }] }] },
      'messages.0.content.0.text.note: Extra inputs are not permitted',
    ],
    [
      'an unknown block',
      { messages: [{ role: 'user', content: [{ type: 'note' }] }] },
      "messages.0.content.0: Input tag 'note' found using 'type' does not match any of the expected tags",
    ],
    [
      'a thinking block without a signature',
      { messages: [user, { role: 'assistant', content: [{ type: 'thinking', thinking: '' }] }, user] },
      'messages.1.content.0.thinking.signature: Field required',
    ],
    [
      'a cache mark on thinking',
      {
        messages: [
          user,
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: '', signature: '', cache_control: { type: 'ephemeral' } },
            ],
          },
          user,
        ],
      },
      'messages.1.content.0.thinking.cache_control: Extra inputs are not permitted',
    ],
    [
      'thinking turned off on Sonnet 5.5',
      { thinking: { type: 'disabled' } },
      'To turn thinking off on this model, send "thinking": {"type": "between_tools"} instead of {"type": "disabled"}.',
    ],
    [
      'thinking turned off on Opus 5.5',
      { model: 'claude-opus-5-5', thinking: { type: 'disabled' } },
      '"thinking.type.disabled" is not supported for this model. Use "thinking.type.adaptive"',
    ],
    [
      'a budget of thinking',
      { thinking: { type: 'enabled', budget_tokens: 2000 } },
      '"thinking.type.enabled" is not supported for this model.',
    ],
    [
      '`between_tools` on Haiku 5.5',
      { ...haiku, thinking: { type: 'between_tools' } },
      '"thinking.type.between_tools" is not supported for this model.',
    ],
    [
      'much effort without thinking',
      { ...haiku, thinking: { type: 'disabled' }, output_config: { effort: 'max' } },
      "output_config.effort 'max' is not supported when thinking is disabled on this model.",
    ],
    [
      'an unknown effort',
      { output_config: { effort: 'huge' } },
      "output_config.effort: Input should be 'low' or 'medium' or 'high' or 'xhigh' or 'max'",
    ],
    [
      '`block_binding` without its beta',
      { thinking: { type: 'adaptive', block_binding: {} } },
      'thinking.adaptive.block_binding: Extra inputs are not permitted',
    ],
    [
      'compaction without its beta',
      { compaction: { type: 'summarize' } },
      'compaction: requires anthropic-beta: compact-2026-09-04',
    ],
    [
      'context management without its beta',
      { context_management: { edits: [] } },
      'context_management: Extra inputs are not permitted',
    ],
    [
      'too many output tokens',
      { max_tokens: 128_001 },
      'max_tokens: 128001 > 128000, which is the maximum allowed number of output tokens for claude-sonnet-5-5',
    ],
    [
      'no output tokens in a stream',
      { max_tokens: 0, stream: true },
      'max_tokens: 0 is not supported when `stream` is true',
    ],
    [
      'a forced tool',
      { tools: [tool], tool_choice: { type: 'any' } },
      'tool_choice: type "tool" and "any" are not supported for this model.',
    ],
    [
      'a forced tool while thinking',
      { ...haiku, tools: [tool], tool_choice: { type: 'tool', name: 'add' } },
      'Thinking may not be enabled when tool_choice forces tool use.',
    ],
    ['two tools of one name', { tools: [tool, tool] }, 'tools: Tool names must be unique.'],
    [
      'a name of a tool with a space',
      { tools: [{ ...tool, name: 'a b' }] },
      'tools.0.custom.name: String should match pattern',
    ],
    [
      'a tool without the type of its input',
      { tools: [{ ...tool, input_schema: {} }] },
      'tools.0.custom.input_schema.type: Field required',
    ],
    [
      'a schema that is none',
      { tools: [{ ...tool, input_schema: { type: 'object', properties: { a: { type: 'text' } } } }] },
      'tools.0.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12',
    ],
    [
      'alternatives at the top of a schema',
      { tools: [{ ...tool, input_schema: { type: 'object', anyOf: [] } }] },
      'tools.0.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level',
    ],
    [
      'an unknown tool of the API',
      { tools: [{ type: 'computer_20251124', name: 'computer' }] },
      "'claude-sonnet-5-5' does not support tool types: computer_20251124.",
    ],
    ['no messages', { messages: [] }, 'messages: at least one message is required'],
    [
      'an empty text',
      { messages: [{ role: 'user', content: [text(' ')] }] },
      'messages.0: text content blocks must contain non-whitespace text',
    ],
    [
      'a first message of the model',
      { messages: [{ role: 'assistant', content: 'a' }, user] },
      'messages: first message must use the "user" role',
    ],
    [
      'words put into the model’s mouth',
      { messages: [user, { role: 'assistant', content: 'It is' }] },
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    ],
    [
      'a call without a result',
      { tools: [tool], messages: [user, call, user] },
      'messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1.',
    ],
    [
      'a result after a text',
      { tools: [tool], messages: [user, call, { role: 'user', content: [text('Here:'), result] }] },
      'messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1.',
    ],
    [
      'a result without a call',
      { messages: [{ role: 'user', content: [result] }] },
      'messages.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1.',
    ],
    [
      'a system message after the model’s',
      { messages: [user, { role: 'assistant', content: 'a' }, { role: 'system', content: 'b' }, user] },
      'messages.2: a `system` message must follow a `user` message',
    ],
    [
      'five cache marks',
      {
        messages: [
          {
            role: 'user',
            content: Array.from({ length: 5 }, () => ({
              ...text('Add'),
              cache_control: { type: 'ephemeral' },
            })),
          },
        ],
      },
      'A maximum of 4 blocks with cache_control may be provided. Found 5.',
    ],
    [
      'a mark for an hour after a shorter one',
      {
        system: [{ ...text('a'), cache_control: { type: 'ephemeral' } }],
        messages: [
          { role: 'user', content: [{ ...text('Add'), cache_control: { type: 'ephemeral', ttl: '1h' } }] },
        ],
      },
      "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block.",
    ],
  ])('%s', async (_, body, message) => {
    const answer = await send(body);
    expect(answer).toEqual({ status: 400, message: expect.stringContaining(message) });
    expect(model.violations).toContain(answer.message);
  });

  test('an unknown beta', async () => {
    const { message } = await send({}, { 'anthropic-beta': 'no-such-beta, compact-2026-09-04' });
    expect(message).toContain('Unexpected value(s) `no-such-beta` for the `anthropic-beta` header.');
  });
});

describe('a request is accepted with', () => {
  test.each<[string, object]>([
    ['a system message after the user’s', { messages: [user, { role: 'system', content: 'Be brief.' }] }],
    ['every effort', { output_config: { effort: 'max' } }],
    [
      'the tools of the API',
      {
        tools: [
          { type: 'bash_20250124', name: 'bash' },
          { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool' },
        ],
      },
    ],
    [
      'results of several calls and then a text',
      { tools: [tool], messages: [user, call, { role: 'user', content: [result, text('Go on.')] }] },
    ],
  ])('%s', async (_, body) => {
    const { message } = await send(body);
    expect(message ?? 'no conversation').toMatch(/^no conversation|has no turn/);
  });
});
