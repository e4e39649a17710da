import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Reply } from './compose-reply.js';
import { errorBody, messageOf } from './errors.js';
import type { Fault } from './faults.js';
import type { Block, Tool } from './messages-request.js';
import type { Usage } from './prompt-cache.js';

/** A reply with everything that the API sends with it. */
export interface Message extends Reply {
  /** Id of the model. */
  model: string;
  usage: Usage;
  /** Further fields of the message, such as `input_transformations`. */
  more: object;
}

export interface Pace {
  /** How long the model thinks, in milliseconds. */
  think: number;
  /** Pause before each pair of key and value of a tool's input, in milliseconds. */
  pause: number;
}

/** Time between two pings while nothing else is sent, in milliseconds. */
const pingEvery = 100;
/** Number of characters of a piece of text. */
const pieceLength = 40;

/** Sends a reply as one JSON object. */
export async function sendReply(response: ServerResponse, message: Message, pace: Pace): Promise<void> {
  const inputs = message.content.flatMap(({ type, input }) =>
    type === 'tool_use' ? Object.keys(input as object) : [],
  );
  await wait(pace.think + pace.pause * inputs.length);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(startOf(message, message.content, message)));
}

/**
 * Streams a reply as server-sent events. A simulated failure takes effect after the content blocks and before
 * the end of the stream.
 */
export async function streamReply(
  response: ServerResponse,
  message: Message,
  { pace, tools, fault }: { pace: Pace; tools: readonly Tool[]; fault: Fault | undefined },
): Promise<void> {
  const send = (type: string, data: object) => {
    if (!response.destroyed) response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  };
  const ping = async (forMs: number) => {
    for (let left = forMs; left > 0 && !response.destroyed; left -= pingEvery) {
      send('ping', {});
      await wait(Math.min(left, pingEvery));
    }
  };
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  send('message_start', { message: startOf(message, [], null) });
  for (const [index, block] of message.content.entries()) {
    const isOpen = message.isCut && index === message.content.length - 1;
    send('content_block_start', { index, content_block: emptyOf(block) });
    if (index === 0) send('ping', {});
    if (block.type === 'thinking' && index === message.content.findIndex(({ type }) => type === 'thinking'))
      await ping(pace.think);
    const isEager = tools.some(
      ({ name, eager_input_streaming }) => name === block.name && eager_input_streaming,
    );
    for (const delta of deltasOf(block, isOpen, isEager)) {
      if (delta.type === 'input_json_delta' && delta.partial_json && !isEager) await ping(pace.pause);
      send('content_block_delta', { index, delta });
    }
    send('content_block_stop', { index });
  }
  // Close the connection only after the content is sent, because the client must see the beginning of the
  // stream.
  if (fault?.cut) return void response.write(': \n\n', () => response.destroy());
  if (fault?.silent) return;
  if (fault?.errorEvent) {
    const status = fault.errorEvent === 'overloaded_error' ? 529 : 500;
    const error = { status, message: messageOf(status) };
    const body = errorBody(error, String(response.getHeader('request-id')), fault.errorEvent);
    return void response.end(`event: error\ndata: ${body}\n\n`);
  }
  const { cache_creation: _, ...usage } = message.usage;
  send('message_delta', {
    delta: {
      stop_reason: message.stopReason,
      stop_sequence: message.stopSequence,
      stop_details: message.stopDetails,
      container: null,
    },
    usage: { ...usage, server_tool_use: null },
  });
  send('message_stop', {});
  response.end();
}

/** @param ended the end of the reply; null at the start of a stream */
function startOf(message: Message, content: Block[], ended: Reply | null): object {
  const { more, model } = message;
  const { iterations, ...usage } = message.usage;
  return {
    id: `msg_${String(usage.input_tokens)}${Date.now()}`,
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: ended?.stopReason ?? null,
    stop_sequence: ended?.stopSequence ?? null,
    stop_details: ended?.stopDetails ?? null,
    container: null,
    diagnostics: null,
    usage: {
      ...usage,
      ...(!ended && { output_tokens: 1, output_tokens_details: null }),
      ...(ended && iterations && { iterations }),
      server_tool_use: null,
      service_tier: 'standard',
      inference_geo: 'global',
      speed: null,
    },
    ...more,
  };
}

function emptyOf(block: Block): object {
  if (block.type === 'text') return { ...block, text: '' };
  if (block.type === 'thinking') return { type: 'thinking', thinking: '', signature: '' };
  if (block.type === 'tool_use') return { ...block, input: {} };
  // A block of on-demand compaction comes whole. Threshold compaction sends its content as a delta.
  return block.signature ? block : { type: 'compaction', content: null, encrypted_content: null };
}

type Delta = { type: string; partial_json?: string } & Record<string, unknown>;

/** @param isOpen whether a limit ended the block early */
function deltasOf(block: Block, isOpen: boolean, isEager: boolean): Delta[] {
  if (block.type === 'text') return piecesOf(block.text ?? '').map((text) => ({ type: 'text_delta', text }));
  if (block.type === 'thinking')
    return [
      ...piecesOf(block.thinking ?? '').map((thinking) => ({ type: 'thinking_delta', thinking })),
      ...(block.signature ? [{ type: 'signature_delta', signature: block.signature }] : []),
    ];
  if (block.type === 'compaction') {
    const { content, encrypted_content } = block;
    return block.signature ? [] : [{ type: 'compaction_delta', content, encrypted_content }];
  }
  const json = (partial_json: string) => ({ type: 'input_json_delta', partial_json });
  const pairs = pairsOf(block.input as Record<string, unknown>, isOpen);
  return [json(''), ...(isEager ? piecesOf(pairs.join('')) : pairs).map(json)];
}

/**
 * Splits the input of a call as the API does: each piece is a whole pair of key and value. An input without
 * pairs has no piece.
 */
function pairsOf(input: Record<string, unknown>, isOpen: boolean): string[] {
  const pairs = Object.entries(input).map(
    ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  return pairs.map((pair, index) => {
    const end = index === pairs.length - 1 && !isOpen ? '}' : '';
    return `${index === 0 ? '{' : ', '}${pair}${end}`;
  });
}

/** Splits a text into pieces, never inside a character. */
function piecesOf(text: string): string[] {
  const characters = [...text];
  return Array.from({ length: Math.ceil(characters.length / pieceLength) }, (_, index) =>
    characters.slice(index * pieceLength, (index + 1) * pieceLength).join(''),
  );
}
