import type { ServerResponse } from 'node:http';
import type { ScriptedTurn } from './conversation.js';
import type { Fault } from './faults.js';
import type { Block } from './messages-request.js';
import type { Usage } from './prompt-cache.js';

export interface Reply {
  model: string;
  blocks: Block[];
  stop: ScriptedTurn['stop'];
  usage: Usage;
}

/**
 * Converts a scripted turn into the content blocks of a reply.
 * @param turn number of the turn, from 1
 */
export function toBlocks(scripted: ScriptedTurn, turn: number, fault: Fault | undefined): Block[] {
  return [
    ...(scripted.say ? [{ type: 'text', text: scripted.say }] : []),
    ...(scripted.calls ?? []).map(([name, input], at) => ({
      type: 'tool_use',
      id: `toolu_${turn}_${at + 1}`,
      name,
      input: fault?.truncateInput ? {} : input,
    })),
  ];
}

/**
 * Streams a reply as server-sent events. A simulated failure takes effect after the content blocks and before
 * the end of the stream.
 */
export function streamReply(response: ServerResponse, reply: Reply, fault: Fault | undefined): void {
  const { model, blocks, usage } = reply;
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
  for (const [index, block] of blocks.entries()) {
    for (const [type, data] of eventsOf(block)) send(type, { index, ...data });
    send('content_block_stop', { index });
  }
  // Close the connection only after the content is sent, because the client must see the beginning of the
  // stream.
  if (fault?.cut) return void response.write(': \n\n', () => response.destroy());
  if (fault?.silent) return;
  if (fault?.errorEvent) {
    send('error', { error: { type: fault.errorEvent, message: 'scripted fault' } });
    return void response.end();
  }
  const reason = reply.stop ?? (blocks.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn');
  send('message_delta', {
    delta: { stop_reason: reason, stop_sequence: null },
    usage: { output_tokens: usage.output_tokens },
  });
  send('message_stop', {});
  response.end();
}

function eventsOf(block: Block): [type: string, data: object][] {
  const start = (content_block: object): [string, object] => ['content_block_start', { content_block }];
  const delta = (type: string, data: object): [string, object] => [
    'content_block_delta',
    { delta: { type, ...data } },
  ];
  if (block.type === 'text')
    return [start({ type: 'text', text: '' }), delta('text_delta', { text: block.text })];
  const { id, name } = block;
  // Send the input in two pieces. The real API splits inputs, so clients must be able to join the pieces.
  const json = Object.keys(block.input as object).length === 0 ? '' : JSON.stringify(block.input);
  return [
    start({ type: 'tool_use', id, name, input: {} }),
    delta('input_json_delta', { partial_json: json.slice(0, json.length / 2) }),
    delta('input_json_delta', { partial_json: json.slice(json.length / 2) }),
  ];
}
