import Anthropic from '@anthropic-ai/sdk';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ScriptedModel, type ScriptedTurn, startScriptedModel } from '../scripted-model.js';

type Message = Anthropic.Beta.BetaMessageParam;
type Block = Anthropic.Beta.BetaContentBlockParam;
type Options = Partial<Anthropic.Beta.Messages.MessageCreateParamsNonStreaming>;

let model: ScriptedModel;
let client: Anthropic;

const system = 'You add.';
const tools: Anthropic.Beta.BetaTool[] = [{ name: 'add', input_schema: { type: 'object' } }];
const start: Message = { role: 'user', content: 'Add 1 and 1.' };
const call: ScriptedTurn = { calls: [['add', { one: 1 }]] };

beforeEach(async () => {
  model = await startScriptedModel();
  model.script({
    when: 'Add',
    turns: [call, { ...call, summary: 'It is 2 so far.' }, call, { say: 'Four.' }],
  });
  client = new Anthropic({ apiKey: model.apiKey, baseURL: model.url, maxRetries: 0 });
});

afterEach(() => model.stop());

const ask = (messages: Message[], options: Options = {}) =>
  client.beta.messages
    .stream({ model: 'claude-sonnet-5-5', max_tokens: 4000, system, tools, messages, ...options })
    .finalMessage();
const replyOf = ({ content }: { content: unknown }): Message => ({
  role: 'assistant',
  content: content as Block[],
});
const resultOf = (turn: number, text = '2'): Message => ({
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: `toolu_${turn}_1`, content: text }],
});

describe('compaction on demand', () => {
  const beta: Options = { betas: ['compact-2026-09-04'] };
  const summarizing: Options = { ...beta, compaction: { type: 'summarize' } };

  /** Summarizes the conversation after the first turn. */
  async function compact() {
    const first = await ask([start]);
    const history = [start, replyOf(first), resultOf(1)];
    return { history, summary: await ask(history, summarizing) };
  }

  test('returns a signed summary alone, whose tokens are counted apart', async () => {
    const { summary } = await compact();
    expect(summary).toMatchObject({
      stop_reason: 'compaction',
      content: [{ type: 'compaction', content: 'It is 2 so far.', signature: expect.any(String) }],
      usage: { input_tokens: 0, output_tokens: 0 },
    });
    const [iteration] = summary.usage.iterations ?? [];
    expect(iteration).toMatchObject({ type: 'compaction', output_tokens: 6 });
    expect(iteration?.input_tokens).toBeGreaterThan(100);
  });

  test('goes on from the summary, and the thinking in later turns stays valid', async () => {
    const { history, summary } = await compact();
    const second = await ask(history);
    const kept = [replyOf(summary), replyOf(second), resultOf(2)];
    const third = await ask(kept, beta);
    const fourth = await ask([...kept, replyOf(third), resultOf(3)], beta);
    expect(fourth).toMatchObject({ stop_reason: 'end_turn', content: [{}, { text: 'Four.' }] });
    expect(model.violations).toEqual([]);
  });

  test.each<[string, (summary: Message, history: Message[]) => Message[], string | null, Options]>([
    [
      'has messages before it',
      (summary, history) => [...history.slice(0, 1), summary],
      'compaction_block_misplaced',
      beta,
    ],
    [
      'was changed',
      () => [replyOf({ content: [{ type: 'compaction', content: 'It is 3.', signature: 'x' }] })],
      'compaction_signature_invalid',
      beta,
    ],
    ['comes without the header', (summary) => [summary], null, {}],
  ])('is refused if the summary %s', async (_, change, code, options) => {
    const { history, summary } = await compact();
    const messages = [...change(replyOf(summary), history), resultOf(1)];
    await expect(ask(messages, options)).rejects.toMatchObject({ status: 400, errorCode: code });
  });

  test('is refused if the last call has no result, and with other settings', async () => {
    const first = await ask([start]);
    await expect(ask([start, replyOf(first)], summarizing)).rejects.toMatchObject({
      errorCode: 'compaction_incomplete_turn',
    });
    await expect(ask([start], { ...summarizing, stop_sequences: ['a'] })).rejects.toMatchObject({
      status: 400,
    });
  });

  test('returns nothing if the summary does not fit', async () => {
    const first = await ask([start]);
    const history = [start, replyOf(first), resultOf(1)];
    expect(await ask(history, { ...summarizing, max_tokens: 3 })).toMatchObject({
      content: [],
      stop_reason: 'max_tokens',
    });
  });
});

describe('compaction at a threshold', () => {
  const compacting = (more: object = {}): Options => ({
    betas: ['compact-2026-01-12'],
    context_management: {
      edits: [{ type: 'compact_20260112', trigger: { type: 'input_tokens', value: 50_000 }, ...more }],
    },
  });
  const long = 'a long result '.repeat(10_000);

  test('puts a summary before the reply, and drops what came before it', async () => {
    const first = await ask([start], compacting());
    expect(first.content).toMatchObject([{ type: 'thinking' }, { type: 'tool_use' }]);
    const history = [start, replyOf(first), resultOf(1, long)];
    const second = await ask(history, compacting());
    expect(second.content).toMatchObject([
      { type: 'compaction', content: 'It is 2 so far.' },
      { type: 'thinking' },
      { type: 'tool_use', id: 'toolu_2_1' },
    ]);
    const [compaction, message] = second.usage.iterations ?? [];
    expect(compaction?.input_tokens).toBeGreaterThan(50_000);
    expect(message).toMatchObject({ type: 'message', input_tokens: second.usage.input_tokens });
    expect(second.usage.input_tokens).toBeLessThan(1000);

    const whole = await ask([...history, replyOf(second), resultOf(2)], compacting());
    expect(whole.usage.input_tokens).toBeLessThan(1000);
    const tail = await ask([replyOf(second), resultOf(2)], compacting());
    expect(tail).toMatchObject({ content: [{}, { id: 'toolu_3_1' }] });
    expect(model.violations).toEqual([]);
  });

  test('can pause, and then goes on with the reply', async () => {
    const history = [start, replyOf(await ask([start])), resultOf(1, long)];
    const paused = await ask(history, compacting({ pause_after_compaction: true }));
    expect(paused).toMatchObject({ stop_reason: 'compaction', content: [{ type: 'compaction' }] });
    const reply = await ask([...history, replyOf(paused)], compacting({ pause_after_compaction: true }));
    expect(reply).toMatchObject({ stop_reason: 'tool_use', content: [{}, { id: 'toolu_2_1' }] });
    expect(model.violations).toEqual([]);
  });

  test('refuses a trigger that is too low', async () => {
    const options = compacting({ trigger: { type: 'input_tokens', value: 1000 } });
    await expect(ask([start], options)).rejects.toThrow('Input should be greater than or equal to 50000');
  });
});
