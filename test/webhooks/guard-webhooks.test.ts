import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { guardWebhooks } from '../../src/webhooks/guard-webhooks.js';

const signature = `sha256=${'a'.repeat(64)}`;
const limits = { maxBodyBytes: 1000, maxHeldBytes: 2500, bodyTimeoutMs: 300 };
let server: Server;
let port: number;
let passed: string[];
let valid: boolean;

beforeAll(async () => {
  const guard = guardWebhooks(
    '/hooks',
    async () => valid,
    (incoming, response) => {
      passed.push(String((incoming as IncomingMessage & { body?: string }).body));
      response.end('taken');
    },
    limits,
  );
  server = createServer((incoming, response) => void guard(incoming, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

beforeEach(() => {
  passed = [];
  valid = true;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** @returns the status; 0 when the connection was ended without an answer */
function post(chunks: string[], headers: Record<string, string> = {}, end = true): Promise<number> {
  return new Promise((resolve) => {
    const sent = request(
      {
        port,
        host: '127.0.0.1',
        path: '/hooks',
        method: 'POST',
        headers: { 'x-hub-signature-256': signature, ...headers },
      },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      },
    );
    sent.on('error', () => resolve(0));
    for (const chunk of chunks) sent.write(chunk);
    if (end) sent.end();
  });
}

describe('the guard of the webhook', () => {
  test('passes a body on only if its signature is valid', async () => {
    expect(await post(['{}'])).toBe(200);
    valid = false;
    expect(await post(['{}'])).toBe(401);
    expect(passed).toEqual(['{}']);
  });

  test.each([
    ['none', {}],
    ['of the old style', { 'x-hub-signature': `sha1=${'a'.repeat(40)}` }],
    ['of the old style in the new header', { 'x-hub-signature-256': `sha1=${'a'.repeat(40)}` }],
    ['that is cut', { 'x-hub-signature-256': signature.slice(0, -1) }],
    ['that is longer', { 'x-hub-signature-256': `${signature}a` }],
    ['in capitals', { 'x-hub-signature-256': `sha256=${'A'.repeat(64)}` }],
    ['that is empty', { 'x-hub-signature-256': 'sha256=' }],
    ['twice', { 'x-hub-signature-256': `${signature}, ${signature}` }],
  ])('rejects a signature %s without reading the body', async (_, headers) => {
    expect(await post(['{}'], { 'x-hub-signature-256': '', ...headers }, false)).toBe(401);
    expect(passed).toEqual([]);
  });

  test('rejects a body that is too large or endless, whether or not it states its length', async () => {
    expect(await post(['x'], { 'content-length': '1001' }, false)).toBe(413);
    expect(await post(['x'.repeat(600), 'x'.repeat(600)])).toBe(413);
    expect(
      await post(
        Array.from({ length: 50 }, () => 'x'.repeat(100)),
        {},
        false,
      ),
    ).toBe(413);
    expect(passed).toEqual([]);
  });

  test.each(['gzip', 'br', 'deflate', 'identity'])(
    'rejects a body in the encoding %s unread, so that nothing is decompressed',
    async (encoding) => {
      expect(await post(['x'], { 'content-encoding': encoding }, false)).toBe(415);
    },
  );

  test('limits the memory of all bodies together, and accepts new ones when others have ended', async () => {
    const open = Array.from({ length: 4 }, () => post(['x'.repeat(900)], {}, false));
    expect(await Promise.race(open)).toBe(503);
    expect((await Promise.all(open)).filter((status) => status === 503).length).toBeGreaterThanOrEqual(1);
    expect(await post(['{}'])).toBe(200);
  });

  test('rejects a body that arrives too slowly', async () => {
    expect(await post(['x'], { 'content-length': '100' }, false)).toBe(0);
    expect(await post(['{}'])).toBe(200);
  });

  test('survives a sender that disconnects in the middle', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `POST /hooks HTTP/1.1\r\nhost: x\r\nx-hub-signature-256: ${signature}\r\ncontent-length: 100\r\n\r\nabc`,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    expect(await post(['{}'])).toBe(200);
    expect(passed).toEqual(['{}']);
  });
});
