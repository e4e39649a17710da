import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  method: string;
  path: string;
  headers: http.IncomingHttpHeaders;
  text: string;
  /** The body as JSON; empty if it is not JSON. */
  body: Record<string, unknown>;
}

export interface StubServer {
  url: string;
  /** Every request so far, oldest first. */
  requests: ReceivedRequest[];
  stop(): Promise<void>;
}

/** Starts an HTTP server on 127.0.0.1 that answers each request with `answer`. */
export async function startStubServer(
  answer: (response: http.ServerResponse, request: ReceivedRequest) => void | Promise<void>,
): Promise<StubServer> {
  const requests: ReceivedRequest[] = [];
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const { method = '', url: path = '', headers } = request;
    const received = { method, path, headers, text, body: text.startsWith('{') ? JSON.parse(text) : {} };
    requests.push(received);
    await answer(response, received);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Sends an error response of the Messages API. */
export function sendError(
  response: http.ServerResponse,
  status: number,
  error: { type?: string; message?: string; details?: object } = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ type: 'error', error: { type: 'some_error', message: 'no', ...error } }));
}

const usage = {
  input_tokens: 100,
  cache_creation_input_tokens: 20,
  cache_read_input_tokens: 3000,
  output_tokens: 1,
};

/** Streams parts of a reply of the Messages API. */
export function openStream(response: http.ServerResponse) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (type: string, data: object = {}) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  return {
    send,
    start: () => {
      const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [] };
      send('message_start', { message: { ...message, stop_reason: null, stop_sequence: null, usage } });
    },
    ping: () => send('ping'),
    text: (text: string, index = 0) => {
      send('content_block_start', { index, content_block: { type: 'text', text: '' } });
      send('content_block_delta', { index, delta: { type: 'text_delta', text } });
      send('content_block_stop', { index });
    },
    end: (stopReason = 'end_turn', more: object = {}) => {
      const delta = { stop_reason: stopReason, stop_sequence: null, ...more };
      send('message_delta', { delta, usage: { output_tokens: 7 } });
      send('message_stop');
      response.end();
    },
  };
}

/** Streams a whole reply that consists of one text. */
export function sendReply(response: http.ServerResponse, text = 'ok'): void {
  const stream = openStream(response);
  stream.start();
  stream.text(text);
  stream.end();
}
