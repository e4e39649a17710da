import Anthropic from '@anthropic-ai/sdk';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ScriptedModel, type ScriptedTurn, startScriptedModel } from '../scripted-model.js';

type Message = Anthropic.Beta.BetaMessageParam;
type Block = Anthropic.Beta.BetaContentBlockParam;
type Options = Partial<Anthropic.Beta.Messages.MessageCreateParamsNonStreaming>;

let model: ScriptedModel;
let client: Anthropic;

const tools: Anthropic.Beta.BetaTool[] = [{ name: 'add', input_schema: { type: 'object', properties: {} } }];
const system = 'You add.';
const controls = 'thinking-binding-controls-2026-08-01';
const dropping: Options = {
  betas: [controls],
  thinking: { type: 'adaptive', block_binding: { prefix_mismatch_behavior: 'drop_block' } },
};

beforeEach(async () => {
  model = await startScriptedModel();
  client = new Anthropic({ apiKey: model.apiKey, baseURL: model.url, maxRetries: 0 });
});

afterEach(() => model.stop());

const script = (...turns: ScriptedTurn[]) => model.script({ when: 'Add', turns });
const start: Message = { role: 'user', content: 'Add 1 and 1.' };
const resultOf = (turn: number): Message => ({
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: `toolu_${turn}_1`, content: '2' }],
});
const ask = (messages: Message[], options: Options = {}) =>
  client.beta.messages
    .stream({ model: 'claude-sonnet-5-5', max_tokens: 4000, system, tools, messages, ...options })
    .finalMessage();

/** Runs three turns with a call each, and returns the whole conversation. */
async function converse(options: Options = {}): Promise<Message[]> {
  script(...Array.from({ length: 5 }, () => ({ calls: [['add', { one: 1 }]] as ScriptedTurn['calls'] })));
  const messages = [start];
  for (const turn of [1, 2, 3]) {
    const reply = await ask(messages, options);
    messages.push({ role: 'assistant', content: reply.content as Block[] }, resultOf(turn));
  }
  return messages;
}

const contentAt = (messages: Message[], index: number) => (messages[index]?.content ?? []) as Block[];

/** Returns the conversation without the thinking of some messages. */
const withoutThinking = (messages: Message[], ...indexes: number[]): Message[] =>
  messages.map((message, index) =>
    indexes.includes(index)
      ? { role: 'assistant', content: contentAt(messages, index).filter(({ type }) => type !== 'thinking') }
      : message,
  );

describe('thinking', () => {
  test('comes first, without its text, and counts as output', async () => {
    script({ thought: 'x'.repeat(500), say: 'Two.' });
    const { content, usage } = await ask([start]);
    expect(content).toMatchObject([{ type: 'thinking', thinking: '' }, { text: 'Two.' }]);
    expect(usage.output_tokens_details).toEqual({ thinking_tokens: 200 });
    expect(usage.output_tokens).toBeGreaterThan(200);
  });

  test('shows its text if the request asks for a summary', async () => {
    script({ thought: 'I compare both numbers.', say: 'Two.' });
    const { content } = await ask([start], { thinking: { type: 'adaptive', display: 'summarized' } });
    expect(content[0]).toMatchObject({ type: 'thinking', thinking: 'I compare both numbers.' });
  });

  test('sends only pings until its signature, for as long as the script says', async () => {
    script({ think: 350, say: 'Two.' });
    const events = await readEvents({ messages: [start], stream: true });
    const names = events.map(({ event, data }) => data.delta?.type ?? event);
    const from = names.indexOf('content_block_start');
    const to = names.indexOf('signature_delta');
    expect(names.slice(from + 1, to)).toEqual(['ping', 'ping', 'ping', 'ping', 'ping']);
    const at = (index: number) => events[index]?.at ?? 0;
    // The first event can arrive late, so the time between the two events can be shorter than the thinking.
    expect(at(to) - at(from)).toBeGreaterThan(250);
  });

  test('takes the whole reply if it needs all tokens, and then has no signature', async () => {
    script({ thoughtTokens: 900, say: 'Two.' });
    const reply = await ask([start], { max_tokens: 300 });
    expect(reply).toMatchObject({
      stop_reason: 'max_tokens',
      content: [{ type: 'thinking', signature: '' }],
      usage: { output_tokens: 300 },
    });
    const next: Message[] = [
      start,
      { role: 'assistant', content: reply.content as Block[] },
      { role: 'user', content: 'Go on.' },
    ];
    await expect(ask(next)).rejects.toThrow('messages.1.content.0: Invalid `signature` in `thinking` block');
  });

  test('is off with `between_tools`, which returns the notes between calls', async () => {
    const note = 'The first number is there. The second one is missing, so I look for it now. '.repeat(4);
    script({ calls: [['add', {}]] }, { say: note, calls: [['add', {}]] });
    const thinking = { type: 'between_tools' as const };
    const first = await ask([start], { thinking });
    expect(first.content).toMatchObject([{ type: 'tool_use' }]);
    const messages: Message[] = [
      start,
      { role: 'assistant', content: first.content as Block[] },
      resultOf(1),
    ];
    const second = await ask(messages, { thinking });
    expect(second.content).toMatchObject([{ type: 'thinking', thinking: note }, { type: 'tool_use' }]);
  });

  test('can be disabled on Claude Haiku 5.5', async () => {
    script({ say: 'Two.' });
    const options: Options = { model: 'claude-haiku-5-5', max_tokens: 20 };
    expect((await ask([start], options)).stop_reason).toBe('max_tokens');
    const reply = await ask([start], { ...options, thinking: { type: 'disabled' } });
    expect(reply).toMatchObject({ stop_reason: 'end_turn', content: [{ text: 'Two.' }] });
  });
});

describe('the signature of a thinking block', () => {
  test('is valid while the conversation only grows, whatever cache marks and effort say', async () => {
    const messages = await converse();
    const marked = messages.with(0, {
      role: 'user',
      content: [{ type: 'text', text: 'Add 1 and 1.', cache_control: { type: 'ephemeral' } }],
    });
    await ask(marked, { output_config: { effort: 'low' } });
    expect(model.violations).toEqual([]);
  });

  test.each<[string, (messages: Message[]) => [Message[], Options?], string]>([
    [
      'another system prompt',
      (messages) => [messages, { system: 'You add!' }],
      'The `system` prompt differs',
    ],
    [
      'another tool',
      (messages) => [messages, { tools: [...tools, { ...tools[0], name: 'sub' } as never] }],
      'The `tools` list differs',
    ],
    [
      'a changed word',
      (messages) => [messages.with(0, { role: 'user', content: 'Add 1 and 2.' })],
      'An earlier message differs',
    ],
    [
      'a thinking block left out between others',
      (messages) => [withoutThinking(messages, 3)],
      'An earlier thinking block is missing',
    ],
  ])('is refused after %s', async (_, change, reason) => {
    const [messages, options] = change(await converse());
    await expect(ask(messages, options)).rejects.toThrow(
      /messages\.\d\.content\.0: Invalid `signature` in `thinking` block\. The block is bound to a different conversation\. Remove the block, or set `thinking\.block_binding\.prefix_mismatch_behavior` to \\"drop_block\\"\. That setting requires the `thinking-binding-controls-2026-08-01` value/,
    );
    expect(model.violations.join()).toContain(reason);
  });

  test.each([
    ['all', [1, 3, 5]],
    ['the first', [1]],
    ['the last', [5]],
  ])('does not matter if %s thinking blocks are left out', async (_, indexes) => {
    await ask(withoutThinking(await converse(), ...indexes));
    expect(model.violations).toEqual([]);
  });

  test('is refused if it is forged', async () => {
    const messages = await converse();
    const forged = messages.with(1, {
      role: 'assistant',
      content: [{ type: 'thinking', thinking: '', signature: 'forged' }, ...contentAt(messages, 1).slice(1)],
    });
    const error = await ask(forged, dropping).catch((error) => error);
    expect(error.message).toContain('messages.1.content.0: Invalid `signature` in `thinking` block');
    expect(error.message).not.toContain('bound to');
  });

  test('is refused if the thinking of the latest reply was changed', async () => {
    const messages = await converse();
    const [thinking, ...rest] = contentAt(messages, 5);
    const changed = messages.with(5, {
      role: 'assistant',
      content: [{ ...thinking, thinking: 'Something else.' } as Block, ...rest],
    });
    await expect(ask(changed)).rejects.toThrow('blocks in the latest assistant message cannot be modified');
  });

  test('is dropped with its block if the request says so, and later ones stay valid', async () => {
    const messages = await converse();
    const changed = messages.with(0, { role: 'user', content: 'Add 1 and 2.' });
    const dropped = await ask(changed, dropping);
    expect(dropped.input_transformations).toEqual(
      [1, 3, 5].map((message) => ({
        type: 'thinking_dropped',
        path: `messages.${message}.content.0`,
        reason: 'prefix_binding_mismatch',
      })),
    );
    const next = [
      ...changed,
      { role: 'assistant' as const, content: dropped.content as Block[] },
      resultOf(4),
    ];
    expect((await ask(next, dropping)).input_transformations).toHaveLength(3);
  });

  test('of another model is dropped, and valid again when the first model goes on', async () => {
    const messages = await converse();
    const haiku = await ask(messages, { model: 'claude-haiku-5-5', betas: [controls] });
    expect(haiku.input_transformations).toContainEqual({
      type: 'thinking_dropped',
      path: 'messages.1.content.0',
      reason: 'model_binding_mismatch',
    });
    const next = [
      ...messages,
      { role: 'assistant' as const, content: haiku.content as Block[] },
      resultOf(4),
    ];
    expect((await ask(next, { betas: [controls] })).input_transformations).toEqual([]);
  });
});

interface Event {
  event: string;
  data: { delta?: { type: string; partial_json?: string } };
  at: number;
}

/** Reads the events of a stream, with the time at which each one arrived. */
async function readEvents(body: object): Promise<Event[]> {
  const response = await fetch(`${model.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': model.apiKey, 'anthropic-version': '2026-10-21' },
    body: JSON.stringify({ model: 'claude-sonnet-5-5', max_tokens: 4000, tools, ...body }),
  });
  const events: Event[] = [];
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const [event = '', data = ''] = part.split('\n').map((line) => line.replace(/^\w+: /, ''));
      events.push({ event, data: JSON.parse(data), at: performance.now() });
    }
  }
  return events;
}

describe('the stream of a reply', () => {
  test('sends the input of a tool in whole pairs, after a pause', async () => {
    script({ pause: 120, calls: [['add', { one: 1, text: 'a, b: {c}'.repeat(20) }]] });
    const events = await readEvents({ messages: [start], stream: true });
    const pieces = events.flatMap(({ data }) => data.delta?.partial_json ?? []);
    expect(pieces).toEqual(['', '{"one": 1', `, "text": "${'a, b: {c}'.repeat(20)}"}`]);
    const names = events.map(({ event, data }) => data.delta?.type ?? event);
    const first = names.indexOf('input_json_delta');
    expect(names.slice(first, first + 7)).toEqual([
      ...['input_json_delta', 'ping', 'ping', 'input_json_delta', 'ping', 'ping', 'input_json_delta'],
    ]);
  });

  test('ends a call that is too long for `max_tokens` after a whole pair', async () => {
    script({ calls: [['add', { one: 'a', text: 'x'.repeat(5000) }]] });
    const messages = [start];
    const events = await readEvents({ messages, stream: true, max_tokens: 200 });
    expect(events.flatMap(({ data }) => data.delta?.partial_json ?? [])).toEqual(['', '{"one": "a"']);
    expect(await ask(messages, { max_tokens: 200 })).toMatchObject({
      stop_reason: 'max_tokens',
      content: [{ type: 'thinking' }, { type: 'tool_use', input: { one: 'a' } }],
      usage: { output_tokens: 200 },
    });
  });

  test('sends a text in pieces, and cuts it at `max_tokens`', async () => {
    const say = 'A long answer with 👍 in it. '.repeat(50);
    script({ say });
    const events = await readEvents({ messages: [start], stream: true });
    expect(events.filter(({ data }) => data.delta?.type === 'text_delta').length).toBeGreaterThan(10);
    const cut = await ask([start], { max_tokens: 200 });
    expect(cut.stop_reason).toBe('max_tokens');
    const [, text] = cut.content;
    expect(text?.type === 'text' && say.startsWith(text.text) && text.text.length).toBeGreaterThan(100);
  });
});
