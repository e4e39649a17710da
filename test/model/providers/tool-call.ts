import type http from 'node:http';
import { expect } from '@jest/globals';
import { createModelClient } from '../../../src/model/create-model-client.js';
import { createFindModel } from '../../../src/model/find-model.js';
import type { ModelRequest, Reply } from '../../../src/model/model.js';
import { openProvider } from '../../../src/model/providers/open-provider.js';
import type { Provider } from '../../../src/model/providers/provider.js';
import { claudeApi } from '../../../src/model/providers/provider-models.js';

type Settings = Parameters<typeof openProvider>[0];

/** The events of a reply that calls the tool `bash`, as every provider streams them. */
export const toolCallEvents: readonly object[] = [
  {
    type: 'message_start',
    message: {
      ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [] },
      ...{ stop_reason: null, stop_sequence: null },
      usage: {
        input_tokens: 1000,
        cache_creation_input_tokens: 200,
        cache_read_input_tokens: 30_000,
        output_tokens: 1,
      },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'I look — “around”.' } },
  { type: 'content_block_stop', index: 0 },
  {
    type: 'content_block_start',
    index: 1,
    content_block: { type: 'tool_use', id: 'toolu_1', name: 'bash', input: {} },
  },
  { type: 'ping' },
  {
    type: 'content_block_delta',
    index: 1,
    delta: { type: 'input_json_delta', partial_json: '{"command":' },
  },
  { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '"ls"}' } },
  { type: 'content_block_stop', index: 1 },
  {
    type: 'message_delta',
    delta: { stop_reason: 'tool_use', stop_sequence: null },
    usage: { output_tokens: 50 },
  },
  { type: 'message_stop' },
];

/** Streams the reply as server-sent events. */
export function sendToolCall(response: http.ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of toolCallEvents)
    response.write(`event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`);
  response.end();
}

/** Returns a request to a model that has the tool `bash`. */
export function requestOf(name: string, platform = claudeApi): ModelRequest {
  return {
    model: createFindModel([], platform)(name),
    system: [{ type: 'text', text: 'Be brief.' }],
    tools: [
      {
        name: 'bash',
        description: 'Runs a command',
        input_schema: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
      },
    ],
    conversation: [{ role: 'user', content: [{ type: 'text', text: 'Look around' }] }],
    effort: 'low',
  };
}

export interface Opened {
  provider: Provider;
  client: ReturnType<typeof createModelClient>;
  /** What was said about features that the API does not have. */
  said: string[];
}

/** Opens a provider, and creates a client for it. */
export async function open(
  settings: Settings,
  fetch = globalThis.fetch,
  idleTimeoutMs = 10_000,
): Promise<Opened> {
  const provider = await openProvider(settings, { fetch });
  const said: string[] = [];
  const client = createModelClient({
    provider,
    say: (statement) => said.push(statement),
    idleTimeoutMs,
    replyTimeoutMs: 60_000,
    now: () => new Date('2026-11-20T12:00:00Z'),
  });
  return { provider, client, said };
}

/** Expects that a reply is the whole of `toolCallEvents`. */
export function expectToolCall(reply: Reply): void {
  expect(reply).toMatchObject({
    stopReason: 'tool_use',
    content: [
      { type: 'text', text: 'I look — “around”.' },
      { type: 'tool_use', id: 'toolu_1', name: 'bash', input: { command: 'ls' } },
    ],
    usage: { inputTokens: 1000, cacheWriteTokens: 200, cacheReadTokens: 30_000, outputTokens: 50 },
  });
}

/** Creates a `fetch` that sends every request to a stub server, and notes the hosts that were asked for. */
export function redirectTo(url: () => string) {
  const hosts: string[] = [];
  const redirected: typeof globalThis.fetch = (input, init) => {
    const { host, pathname, search } = new URL(input instanceof Request ? input.url : input);
    hosts.push(host);
    return fetch(`${url()}${pathname}${search}`, init);
  };
  return { hosts, fetch: redirected };
}
