import { lookup } from 'node:dns/promises';
import { chmod } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import { type Duplex, pipeline } from 'node:stream';
import { isPublicAddress } from './public-address.js';

/** Where installs may go. */
export interface AllowedHost {
  /** Lower case; `*.example.org` means every host below it. */
  host: string;
  port: number;
  /** The operator named it: then it may be in the own network. Else its address has to be a public one. */
  mayBePrivate: boolean;
}

/** Beyond these, the list would tell nobody more. */
const maxRefused = 50;
/** Of connections from inside, and of those to outside: more than any package manager opens. */
const maxConnections = 256;

/**
 * The one way out of a sandbox, while dependencies are installed: an HTTP proxy on a unix socket that knows a list of
 * hosts. A name is resolved once, here, and the connection goes to the address that was judged.
 * @param onRefused told what was asked for and refused, each once, the first 50: `host:port`, and why where that is not
 * plain
 */
export async function startEgressProxy(
  socketPath: string,
  allowed: readonly AllowedHost[],
  onRefused: (what: string) => void,
): Promise<{ stop(): Promise<void> }> {
  const refused = new Set<string>();
  const connections = new Set<Duplex>();
  /** Connections to outside, those that are still looked up among them. */
  let reaching = 0;
  let isStopped = false;

  const keep = (socket: net.Socket, closed: () => void = () => {}) => {
    connections.add(socket);
    // One client may have as many connections to outside as there can be.
    socket.setMaxListeners(0);
    socket.once('close', () => {
      connections.delete(socket);
      closed();
    });
    // Whoever is at the other end hears of it by its own end.
    socket.on('error', () => socket.destroy());
    return socket;
  };
  /** @param from the connection that asked; the one to outside never outlives it */
  const reach = async (host: string, port: number, from: Duplex): Promise<net.Socket> => {
    const entry = allowed.find((candidate) => candidate.port === port && matchesHost(candidate.host, host));
    if (!entry || net.isIP(host)) throw new Refused(null);
    if (reaching >= maxConnections) throw new Refused('too many connections at once', 503);
    reaching += 1;
    const over = () => {
      reaching -= 1;
    };
    try {
      const addresses = await lookup(host, { all: true });
      const usable = addresses.find(({ address }) => entry.mayBePrivate || isPublicAddress(address));
      if (!usable) throw new Refused('its address is a private one');
      if (isStopped || from.destroyed) throw new Error('whoever asked is gone');
      const upstream = net.connect({ host: usable.address, port });
      const end = () => upstream.destroy();
      from.once('close', end);
      return keep(upstream, () => {
        from.off('close', end);
        over();
      });
    } catch (error) {
      over();
      throw error;
    }
  };
  const refuse = (target: string, error: unknown) => {
    if (!(error instanceof Refused)) return { status: 502, text: String(error) };
    const what = `${target.slice(0, 200)}${error.reason ? ` (${error.reason})` : ''}`;
    if (refused.size < maxRefused && !refused.has(what)) {
      refused.add(what);
      onRefused(what);
    }
    return { status: error.status, text: error.reason ?? 'this host is not on the list' };
  };

  const server = http.createServer(async (request, response) => {
    const url = URL.canParse(request.url ?? '') ? new URL(request.url ?? '') : null;
    if (url?.protocol !== 'http:') {
      response.writeHead(400).end('only CONNECT, and http:// URLs');
      return;
    }
    const port = Number(url.port || 80);
    try {
      if (request.method !== 'GET' && request.method !== 'HEAD')
        throw new Refused(`${request.method}: only reading is let through`, 405);
      const upstream = await reach(url.hostname.toLowerCase(), port, request.socket);
      // It serves one request: the client's connection may live on for the next.
      response.once('close', () => upstream.destroy());
      const forwarded = http.request(
        {
          createConnection: () => upstream,
          method: request.method,
          path: url.pathname + url.search,
          headers: { ...withoutBody(withoutHops(request.headers)), host: url.host },
        },
        (answer) => {
          try {
            response.writeHead(answer.statusCode ?? 502, withoutHops(answer.headers));
          } catch {
            // Upstream may answer with what HTTP does not know (a status of 099): there is no way to pass that on.
            response.destroy();
            return;
          }
          // Where either end breaks off, the other one does, too: nobody is left to be told.
          pipeline(answer, response, () => {});
        },
      );
      request.resume();
      // No answer is an end as well, and an answer that asks for another protocol (101) is none.
      const breakOff = () => {
        if (!response.headersSent) response.destroy();
      };
      forwarded.on('error', breakOff).once('close', breakOff).end();
    } catch (error) {
      const { status, text } = refuse(`${url.hostname}:${port}`, error);
      response.writeHead(status).end(text);
    }
  });
  server.maxConnections = maxConnections;
  server.on('connection', (socket: net.Socket) => keep(socket));
  server.on('connect', async (request: http.IncomingMessage, client: Duplex, head: Buffer) => {
    const target = (request.url ?? '').toLowerCase();
    const [, host = '', port = ''] = /^([a-z0-9.-]+):(\d{1,5})$/.exec(target) ?? [];
    try {
      const upstream = await reach(host, Number(port), client);
      upstream.once('close', () => client.end());
      upstream.once('connect', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.write(head);
        // What upstream sent last is still on its way to the client when upstream has closed.
        pipeline(upstream, client, () => client.destroy());
        client.pipe(upstream);
      });
    } catch (error) {
      const { status, text } = refuse(target, error);
      client.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  // The sandbox may run as another user; the folder that the socket is in is closed to everyone else.
  await chmod(socketPath, 0o666);
  return {
    stop: async () => {
      isStopped = true;
      for (const connection of connections) connection.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

class Refused extends Error {
  /** @param because null: the host is not on the list, which is said by naming it */
  constructor(
    readonly reason: string | null,
    readonly status = 403,
  ) {
    super(reason ?? 'not on the list');
  }
}

/** Without what is of one connection only (RFC 9110, 7.6.1): there are two here. */
function withoutHops(headers: http.IncomingHttpHeaders): http.OutgoingHttpHeaders {
  const {
    connection: _,
    'keep-alive': _1,
    'proxy-connection': _2,
    'proxy-authenticate': _3,
    'proxy-authorization': _4,
    te: _5,
    trailer: _6,
    'transfer-encoding': _7,
    upgrade: _8,
    ...rest
  } = headers;
  return rest;
}

/** A request that only reads has no body, and whom it is for is in its URL: what a proxy judges is what it sends. */
function withoutBody(headers: http.OutgoingHttpHeaders): http.OutgoingHttpHeaders {
  const { 'content-length': _, expect: _1, ...rest } = headers;
  return rest;
}

/** @param pattern a host, or `*.example.org` for every host below it */
export function matchesHost(pattern: string, host: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : pattern === host;
}
