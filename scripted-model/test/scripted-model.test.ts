import Anthropic from '@anthropic-ai/sdk';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ScriptedModel, startScriptedModel } from '../scripted-model.js';

type Message = Anthropic.MessageParam;

let model: ScriptedModel;
let client: Anthropic;
const tools: Anthropic.Tool[] = [
  { name: 'add', description: 'Adds.', input_schema: { type: 'object', properties: {} } },
];
const question: Message = { role: 'user', content: 'Task one: what is 1 + 1?' };
const toolCall: Message = {
  role: 'assistant',
  content: [
    { type: 'text', text: 'I add.' },
    { type: 'tool_use', id: 'toolu_1_1', name: 'add', input: { one: 1, other: 1 } },
  ],
};
const toolResult: Message = {
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: 'toolu_1_1', content: '2' }],
};

beforeEach(async () => {
  model = await startScriptedModel();
  model.script({
    when: 'Task one',
    turns: [
      { say: 'I add.', calls: [['add', { one: 1, other: 1 }]] },
      { expect: ['2'], say: 'It is 2.' },
    ],
  });
  client = new Anthropic({ apiKey: model.apiKey, baseURL: model.url, maxRetries: 0 });
});

afterEach(() => model.stop());

const ask = (...messages: Message[]) =>
  client.messages.stream({ model: 'claude-sonnet-5-5', max_tokens: 1000, tools, messages }).finalMessage();

describe('the scripted model', () => {
  test('replies turn by turn, with thinking, tool calls and stop reasons', async () => {
    const first = await ask(question);
    expect(first).toMatchObject({
      stop_reason: 'tool_use',
      content: [{ type: 'thinking' }, ...(toolCall.content as object[])],
    });
    const second = await ask(question, { role: 'assistant', content: first.content }, toolResult);
    expect(second).toMatchObject({
      stop_reason: 'end_turn',
      content: [{ type: 'thinking' }, { type: 'text', text: 'It is 2.' }],
    });
    expect(model.violations).toEqual([]);
  });

  test('refuses a request that lacks what the script expects', async () => {
    const result: Message = {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 'toolu_1_1', content: 'three' }],
    };
    await expect(ask(question, toolCall, result)).rejects.toMatchObject({ status: 400 });
    expect(model.violations).toEqual([
      expect.stringMatching(/^turn 2 of "Task one" expected "2" in: .*three/),
    ]);
  });

  test('refuses a conversation that no script has', async () => {
    await expect(ask({ role: 'user', content: 'Task two' })).rejects.toMatchObject({ status: 400 });
    expect(model.violations).toEqual(['no conversation matches the first message: Task two']);
  });

  test('reports a request that changes what an earlier one sent', async () => {
    await ask(question);
    const changed: Message = { role: 'assistant', content: 'I subtract.' };
    await ask(question, toolCall, toolResult);
    await ask(question, changed, { role: 'user', content: 'Go on. 2' });
    expect(model.violations).toEqual(['block 1 is not the block that an earlier request sent there']);
  });

  test('takes messages of one role in a row as one turn', async () => {
    const other: Message = { role: 'user', content: 'And soon.' };
    expect((await ask(question, other)).stop_reason).toBe('tool_use');
    expect(model.violations).toEqual([]);
  });

  test('replies with one JSON object if the request does not stream', async () => {
    const reply = await client.messages.create({
      model: 'claude-opus-5-5',
      max_tokens: 1000,
      tools,
      messages: [question],
    });
    expect(reply).toMatchObject({ stop_reason: 'tool_use', content: [{ type: 'thinking' }, {}, {}] });
    expect(reply.usage.output_tokens_details?.thinking_tokens).toBeGreaterThan(20);
    expect(model.requests[0]?.usage?.output_tokens).toBe(reply.usage.output_tokens);
  });

  test('fills the cache without a reply for `max_tokens: 0`', async () => {
    const text = 'Task one, in many words. '.repeat(200);
    const messages: Message[] = [
      { role: 'user', content: [{ type: 'text', text, cache_control: { type: 'ephemeral' } }] },
    ];
    const warm = () => client.messages.create({ model: 'claude-sonnet-5-5', max_tokens: 0, tools, messages });
    expect(await warm()).toMatchObject({
      content: [],
      stop_reason: 'max_tokens',
      usage: { output_tokens: 0 },
    });
    model.advance(4 * 60_000);
    expect((await warm()).usage.cache_read_input_tokens).toBeGreaterThan(1000);
    model.advance(4 * 60_000);
    expect((await ask(...messages)).usage.cache_read_input_tokens).toBeGreaterThan(1000);
    model.advance(5 * 60_000);
    expect((await warm()).usage.cache_read_input_tokens).toBe(0);
  });
});

describe('a fault', () => {
  test('with a status replaces one reply, with the headers it is given', async () => {
    model.failNext({ when: 'Task one', status: 429, headers: { 'retry-after': '7' } });
    const failed = await ask(question).catch((error: unknown) => error);
    expect(failed).toMatchObject({ status: 429, error: { error: { type: 'rate_limit_error' } } });
    expect((failed as InstanceType<typeof Anthropic.APIError>).headers?.get('retry-after')).toBe('7');
    expect((await ask(question)).stop_reason).toBe('tool_use');
  });

  test('of a conversation comes at its turn', async () => {
    model.script({
      when: 'Task two',
      turns: [{ say: 'a' }, { say: 'b' }],
      faults: [{ turn: 2, status: 529 }],
    });
    const start: Message = { role: 'user', content: 'Task two' };
    expect((await ask(start)).content).toMatchObject([{}, { text: 'a' }]);
    const next: Message[] = [start, { role: 'assistant', content: 'a' }, { role: 'user', content: 'Go on.' }];
    await expect(ask(...next)).rejects.toMatchObject({ status: 529 });
    expect((await ask(...next)).content).toMatchObject([{}, { text: 'b' }]);
  });

  test('cuts a stream without a final message', async () => {
    model.failNext({ cut: true });
    await expect(ask(question)).rejects.toThrow();
    expect((await ask(question)).stop_reason).toBe('tool_use');
  });

  test('ends a stream with an error event, in the form of an error response', async () => {
    model.failNext({ errorEvent: 'overloaded_error' });
    await expect(ask(question)).rejects.toMatchObject({
      status: undefined,
      error: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    });
    expect((await ask(question)).stop_reason).toBe('tool_use');
  });

  test('truncates the input of a tool call without an error', async () => {
    model.failNext({ truncateInput: true });
    expect((await ask(question)).content[2]).toMatchObject({ type: 'tool_use', input: {} });
  });
});

test('a held turn waits until it is released', async () => {
  const held = model.hold(1, 'Task one');
  const reply = ask(question);
  await held.reached;
  expect(model.requests).toMatchObject([{ usage: null }]);
  held.release();
  expect((await reply).usage).toEqual(expect.objectContaining({ cache_read_input_tokens: 0 }));
});
