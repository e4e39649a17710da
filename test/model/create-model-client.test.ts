import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Anthropic from '@anthropic-ai/sdk';
import { describe, expect, test } from '@jest/globals';
import { startScriptedModel } from '../../scripted-model/scripted-model.js';
import { createModelClient } from '../../src/model/create-model-client.js';
import { createFindModel } from '../../src/model/find-model.js';
import type { ModelRequest } from '../../src/model/model.js';
import { openAnthropic } from '../../src/model/providers/open-anthropic.js';
import { probeText } from '../../src/model/side-requests.js';
import { toSendable } from '../../src/model/to-sendable.js';

const text = (content: string) => ({ type: 'text', text: content, citations: null }) as Anthropic.TextBlock;

describe('toSendable', () => {
  test('removes text without a visible character, which the API refuses', () => {
    expect(toSendable([text(''), text('\n \n'), text('a')])).toEqual([text('a')]);
  });

  test('removes NUL and replaces half surrogate pairs in text and in the input of calls', () => {
    const call = {
      type: 'tool_use',
      id: 'x',
      name: 'bash',
      input: { command: 'a\0b\ud800', list: ['\0'] },
    } as unknown as Anthropic.ToolUseBlock;
    expect(toSendable([text('a\0b\udc00'), call])).toEqual([
      text('ab\ufffd'),
      { ...call, input: { command: 'ab\ufffd', list: [''] } },
    ]);
  });

  test('removes thinking without a signature, which remains if a reply is cut off', () => {
    const cut = { type: 'thinking', thinking: 'I', signature: '' } as Anthropic.ThinkingBlock;
    expect(toSendable([cut, text('a')])).toEqual([text('a')]);
  });

  test('leaves thinking and unknown blocks as they are', () => {
    const blocks = [
      { type: 'thinking', thinking: '', signature: 's\0' },
      { type: 'redacted_thinking', data: 'x' },
      { type: 'made_up_tomorrow', text: '' },
    ] as unknown as Anthropic.ContentBlock[];
    expect(toSendable(blocks)).toEqual(blocks);
  });
});

describe('a call that the API refuses ends the run with a sentence', () => {
  test.each([
    [
      403,
      'Your key may not.',
      "The model's API does not let this server's key use the model (403): Your key may not.",
    ],
    [404, 'model: no-such', "The model's API does not know the model: no-such."],
    [400, 'Bad request.', "The model's API refused the request (400): Bad request."],
  ])('%i', async (status, message, reason) => {
    const server = createServer((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ type: 'error', error: { type: 'some_error', message } }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = createModelClient({
      provider: openAnthropic({
        apiKey: 'key',
        baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      }),
      idleTimeoutMs: 10_000,
      replyTimeoutMs: 60_000,
      now: () => new Date(),
    });
    const request = { model: createFindModel()('haiku'), system: [], tools: [], conversation: [] };
    await expect(client.ask(request)).rejects.toMatchObject({ outcome: { kind: 'failed', reason } });
    server.closeAllConnections();
    server.close();
  });
});

describe('the state of the account is not the fault of a request', () => {
  test.each([
    ['invalid-key', "the model's API does not accept this server's key (401)"],
    ['billing', "the model's API reports a billing problem of this server's account (402)"],
    ['no-credit', "this server's account at the model's API has no credit left"],
    ['own-spend-limit', "this server's account at the model's API has reached its spending limit"],
    ['spend-limit', "this server's account at the model's API has reached its spending limit"],
  ] as const)('%s', async (error, reason) => {
    const double = await startScriptedModel();
    double.script({ when: 'Begin', turns: [{ say: 'First.' }] });
    double.script({ when: probeText, turns: [{ say: 'OK' }] });
    const limits = { idleTimeoutMs: 10_000, replyTimeoutMs: 60_000, now: () => new Date() };
    const client = createModelClient({
      provider: openAnthropic({ apiKey: double.apiKey, baseUrl: double.url }),
      ...limits,
    });
    const model = createFindModel()('haiku');
    double.refuseAccount(error);
    const refused = { name: 'RetryLater', isUnlimited: true, reason };
    const conversation: ModelRequest['conversation'] = [
      { role: 'user', content: [{ type: 'text', text: 'Begin' }] },
    ];
    await expect(client.ask({ model, system: [], tools: [], conversation })).rejects.toMatchObject(refused);
    await expect(client.probe(model, new AbortController().signal)).rejects.toMatchObject(refused);
    double.refuseAccount(null);
    await client.probe(model, new AbortController().signal);
    expect(double.violations).toEqual([]);
    await double.stop();
  });
});

test('a reply follows without earlier thinking if the API refuses it', async () => {
  const double = await startScriptedModel();
  double.script({ when: 'Begin', turns: [{ say: 'First.' }, { say: 'Second.' }] });
  const limits = { idleTimeoutMs: 10_000, replyTimeoutMs: 60_000, now: () => new Date() };
  const client = createModelClient({
    provider: openAnthropic({ apiKey: double.apiKey, baseUrl: double.url }),
    ...limits,
  });
  const request = (system: string): ModelRequest => ({
    model: createFindModel()('sonnet'),
    system: [{ type: 'text', text: system }],
    tools: [],
    conversation: [{ role: 'user', content: [{ type: 'text', text: 'Begin' }] }],
  });
  const first = await client.ask(request('Be brief.'));
  expect(first.content.map(({ type }) => type)).toEqual(['thinking', 'text']);
  const later = request('Be very brief.');
  later.conversation.push(
    { role: 'assistant', content: first.content },
    { role: 'user', content: [{ type: 'text', text: 'Go on.' }] },
  );
  const second = await client.ask(later);
  expect(second).toMatchObject({ droppedThinking: true, stopReason: 'end_turn' });
  expect(JSON.stringify(double.requests.at(-1)?.body.messages)).not.toContain('"thinking"');
  await double.stop();
});

test('a refusal says its category', async () => {
  const double = await startScriptedModel();
  double.script({ when: 'Begin', turns: [{ stop: 'refusal', category: 'cyber' }] });
  const limits = { idleTimeoutMs: 10_000, replyTimeoutMs: 60_000, now: () => new Date() };
  const client = createModelClient({
    provider: openAnthropic({ apiKey: double.apiKey, baseUrl: double.url }),
    ...limits,
  });
  const reply = await client.ask({
    model: createFindModel()('sonnet'),
    system: [],
    tools: [],
    conversation: [{ role: 'user', content: [{ type: 'text', text: 'Begin' }] }],
  });
  expect(reply).toMatchObject({ stopReason: 'refusal', refusedCategory: 'cyber' });
  await double.stop();
});
