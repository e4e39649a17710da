import { chmod } from 'node:fs/promises';
import http from 'node:http';
import type net from 'node:net';
import { type Duplex, pipeline } from 'node:stream';
import type { AllowedHost } from './allowed-host.js';
import { forwardRequest } from './forward-request.js';
import { RefusedError } from './refused-error.js';
import { Connections, maxClients, Upstreams } from './upstreams.js';

/** Maximum number of reported refusals. A longer list would not help people. */
const maxRefusals = 50;

/** Returns the HTTP response for a refused or failed request, and reports refusals to `onRefusal`. */
type Reject = (target: string, error: unknown) => { status: number; text: string };

/**
 * Starts an HTTP proxy on a unix socket. The proxy is the only network access of a sandbox, and it connects
 * to allowed hosts only.
 * @param onRefusal is called once for each different refusal, at most 50 times. The text is `host:port` if
 * the host is not on the allowed list. Other refusals add the reason in parentheses.
 */
export async function startEgressProxy(
  socketPath: string,
  allowed: readonly AllowedHost[],
  onRefusal: (refusal: string) => void,
): Promise<{ stop(): Promise<void> }> {
  const connections = new Connections();
  const upstreams = new Upstreams(allowed, connections);
  const reject = createReject(onRefusal);
  const server = http.createServer((request, response) =>
    handleRequest(request, response, upstreams, reject),
  );
  server.maxConnections = maxClients;
  server.on('connection', (socket: net.Socket) => connections.add(socket));
  server.on('connect', (request: http.IncomingMessage, client: Duplex, head: Buffer) =>
    handleConnect(request, client, head, upstreams, reject),
  );
  await new Promise<void>((resolve, fail) => {
    server.once('error', fail);
    server.listen({ path: socketPath, backlog: maxClients }, resolve);
  });
  // Commands may run as another user, so every user may open the socket. Its name is random and other users
  // cannot list its folder, so they cannot find it.
  await chmod(socketPath, 0o666);
  return {
    stop: async () => {
      upstreams.stop();
      connections.destroyAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Handles a plain HTTP request, `GET http://host/path`. */
async function handleRequest(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  upstreams: Upstreams,
  reject: Reject,
): Promise<void> {
  const url = URL.canParse(request.url ?? '') ? new URL(request.url ?? '') : null;
  if (url?.protocol !== 'http:') {
    response.writeHead(400).end('this proxy accepts only CONNECT requests and http:// URLs');
    return;
  }
  const port = Number(url.port || 80);
  try {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new RefusedError(`${request.method} over plain HTTP, where only GET and HEAD are allowed`, 405);
    const upstream = await upstreams.connect(url.hostname.toLowerCase(), port, request.socket);
    forwardRequest(request, response, url, upstream);
  } catch (error) {
    const { status, text } = reject(`${url.hostname}:${port}`, error);
    response.writeHead(status).end(text);
  }
}

/** Handles a request for a tunnel, `CONNECT host:port`. */
async function handleConnect(
  request: http.IncomingMessage,
  client: Duplex,
  head: Buffer,
  upstreams: Upstreams,
  reject: Reject,
): Promise<void> {
  const target = (request.url ?? '').toLowerCase();
  const [, host = '', port = ''] = /^([a-z0-9.-]+):(\d{1,5})$/.exec(target) ?? [];
  try {
    const upstream = await upstreams.connect(host, Number(port), client);
    upstream.once('close', () => client.end());
    upstream.once('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      // The callback of `pipeline` runs only after the last data from upstream was sent to the client.
      pipeline(upstream, client, () => client.destroy());
      client.pipe(upstream);
    });
  } catch (error) {
    const { status, text } = reject(target, error);
    client.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }
}

function createReject(onRefusal: (refusal: string) => void): Reject {
  const reported = new Set<string>();
  return (target, error) => {
    if (!(error instanceof RefusedError)) return { status: 502, text: String(error) };
    const refusal = `${target.slice(0, 200)}${error.reason ? ` (${error.reason})` : ''}`;
    if (reported.size < maxRefusals && !reported.has(refusal)) {
      reported.add(refusal);
      onRefusal(refusal);
    }
    return { status: error.status, text: error.message };
  };
}
