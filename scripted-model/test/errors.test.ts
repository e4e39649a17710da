import Anthropic from '@anthropic-ai/sdk';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Fault, type ScriptedModel, type ScriptedTurn, startScriptedModel } from '../scripted-model.js';

let model: ScriptedModel;
let client: Anthropic;

beforeEach(async () => {
  model = await startScriptedModel();
  script({ say: 'Two.' });
  client = new Anthropic({ apiKey: model.apiKey, baseURL: model.url, maxRetries: 0 });
});

afterEach(() => model.stop());

const script = (...turns: ScriptedTurn[]) => model.script({ when: 'Add', turns });
const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Add 1 and 1.' }];
const ask = (more: Partial<Anthropic.Messages.MessageCreateParamsNonStreaming> = {}) =>
  client.messages.stream({ model: 'claude-sonnet-5-5', max_tokens: 1000, messages, ...more }).finalMessage();
const failureOf = (promise: Promise<unknown>): Promise<InstanceType<typeof Anthropic.APIError>> =>
  promise.then(
    () => Promise.reject(new Error('expected an error')),
    (error) => error,
  );

describe('an error', () => {
  test.each<[NonNullable<Fault['error']>, number, string]>([
    ['invalid-key', 401, 'authentication_error'],
    ['billing', 402, 'billing_error'],
    ['no-credit', 400, 'invalid_request_error'],
    ['permission', 403, 'permission_error'],
    ['too-large', 413, 'request_too_large'],
    ['rate-limit', 429, 'rate_limit_error'],
    ['internal', 500, 'api_error'],
    ['timeout', 504, 'timeout_error'],
    ['overloaded', 529, 'overloaded_error'],
  ])('named %s has the status %i and the type %s', async (error, status, type) => {
    model.failNext({ error });
    const failure = await failureOf(ask());
    expect(failure).toMatchObject({ status, type, errorCode: null });
    expect(failure.requestID).toMatch(/^req_/);
    expect(failure.error).toMatchObject({ type: 'error', request_id: failure.requestID });
    expect(model.violations).toEqual([]);
  });

  test('of the spend limit has its code and no time to wait', async () => {
    model.failNext({ error: 'spend-limit' });
    const failure = await failureOf(ask());
    expect(failure).toMatchObject({ status: 429, errorCode: 'enforced_spend_limit_reached' });
    expect(failure.headers?.get('retry-after')).toBeNull();
    model.failNext({ error: 'rate-limit' });
    expect((await failureOf(ask())).headers?.get('retry-after')).toBe('1');
  });

  test('answers a wrong key, an unknown model and a long prompt, which are no violations', async () => {
    const other = new Anthropic({ apiKey: 'sk-ant-other', baseURL: model.url, maxRetries: 0 });
    const wrongKey = other.messages.create({ model: 'claude-sonnet-5-5', max_tokens: 10, messages });
    expect(await failureOf(wrongKey)).toMatchObject({ status: 401, apiMessage: 'invalid x-api-key' });
    const unknown = await failureOf(ask({ model: 'claude-none' }));
    expect(unknown).toMatchObject({ status: 404, type: 'not_found_error', apiMessage: 'model: claude-none' });
    const long = await failureOf(ask({ messages: [{ role: 'user', content: 'Add '.repeat(650_000) }] }));
    expect(long).toMatchObject({ status: 400 });
    expect(long.apiMessage).toMatch(/^prompt is too long: 10\d{5} tokens > 1000000 maximum$/);
    expect(model.violations).toEqual([]);
  });

  test('refuses a body of more than 32 MB', async () => {
    const failure = await failureOf(ask({ messages: [{ role: 'user', content: 'x'.repeat(34_000_000) }] }));
    expect(failure).toMatchObject({ status: 413, type: 'request_too_large' });
  });
});

describe('a reply ends with', () => {
  test('`refusal`, its category and no content', async () => {
    script({ stop: 'refusal', category: 'cyber' });
    expect(await ask()).toMatchObject({
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', category: 'cyber' },
      content: [],
    });
  });

  test('`stop_sequence` before the sequence', async () => {
    script({ say: 'One, two, three.', calls: [['add', {}]] });
    const reply = await ask({ stop_sequences: ['three', 'two'] });
    expect(reply).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'two' });
    expect(reply.content.at(-1)).toEqual({ type: 'text', text: 'One, ' });
  });

  test('`pause_turn`, and goes on if it is sent back as the last message', async () => {
    script({ say: 'I search.', stop: 'pause_turn' }, { say: 'Two.' });
    const paused = await ask();
    expect(paused.stop_reason).toBe('pause_turn');
    const reply = await ask({ messages: [...messages, { role: 'assistant', content: paused.content }] });
    expect(reply.stop_reason).toBe('end_turn');
  });

  test('`model_context_window_exceeded` where the context ends', async () => {
    script({ say: 'x'.repeat(20_000) });
    const long: Anthropic.MessageParam[] = [{ role: 'user', content: `Add ${'x'.repeat(2_490_000)}` }];
    const reply = await ask({ messages: long, max_tokens: 20_000 });
    expect(reply.stop_reason).toBe('model_context_window_exceeded');
    expect(reply.usage.input_tokens + reply.usage.output_tokens).toBe(1_000_000);
  });
});

describe('the Models API', () => {
  test('lists the models, and describes one with its limits', async () => {
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(ids).toContain('claude-opus-5-5');
    expect(await client.models.retrieve('claude-sonnet-5-5')).toMatchObject({
      max_input_tokens: 1_000_000,
      max_tokens: 128_000,
      capabilities: { thinking: { types: { disabled: { supported: false } } } },
    });
    expect(model.otherRequests).toEqual(['/v1/models', '/v1/models/claude-sonnet-5-5']);
  });

  test('does not know other models, and can fail', async () => {
    expect(await failureOf(client.models.retrieve('claude-none'))).toMatchObject({ status: 404 });
    model.failNext({ endpoint: 'models', error: 'invalid-key' });
    expect(await failureOf(client.models.retrieve('claude-sonnet-5-5'))).toMatchObject({ status: 401 });
    expect((await ask()).stop_reason).toBe('end_turn');
  });
});

test('tokens are counted without a script, and equal the usage of a request', async () => {
  const { input_tokens } = await client.messages.countTokens({ model: 'claude-sonnet-5-5', messages });
  expect((await ask()).usage.input_tokens).toBe(input_tokens);
  expect(model.requests).toHaveLength(1);
});
