import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Block, blocksOf, checkRequest, type MessagesRequest } from './check-request.js';
import type { Conversation, ScriptedTurn } from './conversation.js';
import { countTokens, PromptCache, type Usage } from './prompt-cache.js';

/** A fault to give instead of an answer. */
export interface Fault {
  /** A text of the first message of the conversation that it is for; any, when left out. */
  when?: string;
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** Ends the connection in the middle of the stream. */
  cut?: boolean;
  /** Goes silent in the middle of the stream, and keeps the connection. */
  silent?: boolean;
  /** Sends an `error` event in the middle of the stream. */
  errorEvent?: string;
  /** Sends a tool call whose input was cut to `{}`. */
  truncateInput?: boolean;
  times?: number;
}

export interface ScriptedModel {
  url: string;
  apiKey: string;
  /** Adds a conversation; a later one for the same text takes the earlier one's place. */
  script(conversation: Conversation): void;
  failNext(fault: Fault): void;
  /** Whole requests, in order, with what was answered. */
  requests: {
    body: MessagesRequest;
    headers: http.IncomingHttpHeaders;
    usage: Usage | null;
    /** When it came, milliseconds since 1970. */
    at: number;
  }[];
  /** What the Messages API would refuse; tests assert that it stays empty. */
  violations: string[];
  /**
   * Held back until `release` is called, for a test that stops the world in mid-run.
   * @param when only in the conversation whose first message has this in it
   */
  hold(turn: number, when?: string): { reached: Promise<void>; release(): void };
  stop(): Promise<void>;
}

/** The Messages API with a model that says what a script tells it to: streamed, with usage as a cache would have it. */
export async function startScriptedModel(port = 0): Promise<ScriptedModel> {
  const conversations: Conversation[] = [];
  const faults: Fault[] = [];
  const requests: ScriptedModel['requests'] = [];
  const violations: string[] = [];
  const holds: { turn: number; when: string; reached: () => void; released: Promise<void> }[] = [];
  const apiKey = 'sk-ant-api03-scripted-model-key-that-opens-nothing';
  const cache = new PromptCache();
  const sent = new Map<string, string[]>();

  const answer = async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method !== 'POST' || request.url?.split('?')[0] !== '/v1/messages')
      return refuse(response, 404, 'not_found_error', `no ${request.url}`);
    const key = request.headers['x-api-key'] ?? request.headers.authorization?.replace(/^Bearer /, '');
    if (key !== apiKey) return refuse(response, 401, 'authentication_error', 'invalid API key');
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as MessagesRequest;
    const record: ScriptedModel['requests'][number] = {
      body,
      headers: request.headers,
      usage: null,
      at: Date.now(),
    };
    requests.push(record);

    const fault = takeFault(faults, firstText(body));
    if (fault?.status) {
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
      return response.end(
        fault.body ??
          JSON.stringify({
            type: 'error',
            error: {
              type: errorTypes[fault.status] ?? 'api_error',
              message: 'scripted fault',
            },
          }),
      );
    }
    const wrong = [...checkRequest(body), ...checkPrefix(body, sent)];
    violations.push(...wrong);
    if (wrong.length > 0) return refuse(response, 400, 'invalid_request_error', wrong.join('; '));

    const turn = body.messages.filter(({ role }) => role === 'assistant').length;
    const held = holds.findLast((one) => one.turn === turn + 1 && firstText(body).includes(one.when));
    held?.reached();
    await held?.released;
    const scripted = findTurn(conversations, body, turn);
    if (typeof scripted === 'string') {
      violations.push(scripted);
      return refuse(response, 400, 'invalid_request_error', scripted);
    }
    const blocks = toBlocks(scripted, turn, fault?.truncateInput ?? false);
    record.usage = cache.count(body, countTokens(JSON.stringify(blocks)));
    stream(response, body.model, blocks, scripted.stop, record.usage, fault);
  };

  const server = http.createServer((request, response) => {
    answer(request, response).catch((error) => {
      // Whoever asked is gone in the middle of asking: killed, most likely.
      if (request.destroyed && !request.complete) return void response.destroy();
      violations.push(`the scripted model failed: ${error}`);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey,
    script: (conversation) => conversations.unshift(conversation),
    failNext: (fault) => faults.push(fault),
    requests,
    violations,
    hold: (turn, when = '') => {
      let release = () => {};
      let reached = () => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const wasReached = new Promise<void>((resolve) => {
        reached = resolve;
      });
      holds.push({ turn, when, reached, released });
      return { reached: wasReached, release };
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** As the API documents them. */
const errorTypes: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

function takeFault(faults: Fault[], first: string): Fault | undefined {
  const fault = faults.find(({ when }) => when === undefined || first.includes(when));
  if (!fault) return undefined;
  fault.times = (fault.times ?? 1) - 1;
  if (fault.times <= 0) faults.splice(faults.indexOf(fault), 1);
  return fault;
}

function firstText(body: MessagesRequest): string {
  return blocksOf(body.messages[0]?.content)
    .map(({ text }) => text)
    .join('\n');
}

/** What was sent once has to stay as it was: every request of a conversation begins with the one before it. */
function checkPrefix(body: MessagesRequest, sent: Map<string, string[]>): string[] {
  const texts = body.messages.flatMap(({ role, content }) =>
    blocksOf(content).map(({ cache_control: _, ...block }) => `${role} ${JSON.stringify(block)}`),
  );
  const key = texts[0] ?? '';
  const before = sent.get(key) ?? [];
  const changed = before.findIndex((text, index) => index < texts.length && text !== texts[index]);
  if (texts.length >= before.length) sent.set(key, texts);
  return changed >= 0 ? [`block ${changed} is not what was sent before`] : [];
}

function findTurn(conversations: Conversation[], body: MessagesRequest, turn: number): ScriptedTurn | string {
  const first = firstText(body);
  const conversation = conversations.find(({ when }) => first.includes(when));
  if (!conversation) return `no conversation for: ${first.slice(0, 200)}`;
  const scripted = conversation.turns[turn];
  if (!scripted) return `the conversation "${conversation.when}" has no turn ${turn + 1}`;
  const newest = JSON.stringify(body.messages.at(-1)?.content);
  const missing = (scripted.expect ?? []).filter(
    (text) => !newest.includes(JSON.stringify(text).slice(1, -1)),
  );
  return missing.length > 0
    ? `turn ${turn + 1} of "${conversation.when}" expected ${JSON.stringify(missing)} in: ${newest.slice(0, 3000)}`
    : scripted;
}

function toBlocks(turn: ScriptedTurn, index: number, truncate: boolean): Block[] {
  return [
    ...(turn.say ? [{ type: 'text', text: turn.say }] : []),
    ...(turn.calls ?? []).map(([name, input], at) => ({
      type: 'tool_use',
      id: `toolu_${index + 1}_${at + 1}`,
      name,
      input: truncate ? {} : input,
    })),
  ];
}

function stream(
  response: http.ServerResponse,
  model: string,
  blocks: Block[],
  stop: ScriptedTurn['stop'],
  usage: Usage,
  fault: Fault | undefined,
): void {
  const send = (type: string, data: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  send('message_start', {
    message: {
      id: `msg_${Date.now()}`,
      type: 'message',
      role: 'assistant',
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...usage, output_tokens: 1 },
    },
  });
  blocks.forEach((block, index) => {
    if (block.type === 'text') {
      send('content_block_start', { index, content_block: { type: 'text', text: '' } });
      send('content_block_delta', { index, delta: { type: 'text_delta', text: block.text } });
    } else {
      send('content_block_start', {
        index,
        content_block: { type: 'tool_use', id: block.id, name: block.name, input: {} },
      });
      // In two pieces, as a model's tokens arrive.
      const json = Object.keys(block.input as object).length === 0 ? '' : JSON.stringify(block.input);
      for (const part of [json.slice(0, json.length / 2), json.slice(json.length / 2)])
        send('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: part } });
    }
    send('content_block_stop', { index });
  });
  // Not before what was said is on its way: the other side has to see a stream that began.
  if (fault?.cut) return void response.write(': \n\n', () => response.destroy());
  if (fault?.silent) return;
  if (fault?.errorEvent) {
    send('error', { error: { type: fault.errorEvent, message: 'scripted fault' } });
    return void response.end();
  }
  const reason = stop ?? (blocks.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn');
  send('message_delta', {
    delta: { stop_reason: reason, stop_sequence: null },
    usage: { output_tokens: usage.output_tokens },
  });
  send('message_stop', {});
  response.end();
}

function refuse(response: http.ServerResponse, status: number, type: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ type: 'error', error: { type, message } }));
}
