import { lookup } from 'node:dns/promises';
import { chmod } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';

/** Where installs may go. */
export interface AllowedHost {
  /** Lower case; `*.example.org` means every host below it. */
  host: string;
  port: number;
  /** The operator named it: then it may be in the own network. Else its address has to be a public one. */
  mayBePrivate: boolean;
}

export interface EgressProxy {
  /** What was asked for and refused, each once, the first 50: `host:port`, and why where that is not plain. */
  refused: string[];
  stop(): Promise<void>;
}

/** Beyond these, the list would tell nobody more. */
const maxRefused = 50;

const privateAddresses = new net.BlockList();
for (const [address, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  privateAddresses.addSubnet(address, prefix, 'ipv4');
for (const [address, prefix] of [
  // Also what only stands for an IPv4 address: mapped, translated (NAT64), tunnelled (6to4, Teredo).
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
] as const)
  privateAddresses.addSubnet(address, prefix, 'ipv6');

/**
 * The one way out of a sandbox, while dependencies are installed: an HTTP proxy on a unix socket that knows a list of
 * hosts. A name is resolved once, here, and the connection goes to the address that was judged.
 */
export async function startEgressProxy(
  socketPath: string,
  allowed: readonly AllowedHost[],
): Promise<EgressProxy> {
  const refused = new Set<string>();
  const connections = new Set<Duplex>();

  const reach = async (host: string, port: number): Promise<net.Socket> => {
    const entry = allowed.find((candidate) => candidate.port === port && matchesHost(candidate.host, host));
    if (!entry || net.isIP(host)) throw new Refused(null);
    const addresses = await lookup(host, { all: true });
    const usable = addresses.find(({ address, family }) => entry.mayBePrivate || !isPrivate(address, family));
    if (!usable) throw new Refused('its address is a private one');
    return net.connect({ host: usable.address, port });
  };
  const refuse = (target: string, error: unknown) => {
    if (!(error instanceof Refused)) return { status: 502, text: String(error) };
    if (refused.size < maxRefused)
      refused.add(`${target.slice(0, 200)}${error.because ? ` (${error.because})` : ''}`);
    return { status: error.status, text: error.because ?? 'this host is not on the list' };
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
      const upstream = await reach(url.hostname.toLowerCase(), port);
      const forwarded = http.request(
        {
          createConnection: () => upstream,
          method: request.method,
          path: url.pathname + url.search,
          headers: { ...withoutHops(request.headers), host: url.host },
        },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
      );
      request.resume();
      forwarded.on('error', (error) => response.destroy(error));
      forwarded.end();
    } catch (error) {
      const { status, text } = refuse(`${url.hostname}:${port}`, error);
      response.writeHead(status).end(text);
    }
  });
  server.on('connection', (socket: net.Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  server.on('connect', async (request: http.IncomingMessage, client: Duplex, head: Buffer) => {
    const target = (request.url ?? '').toLowerCase();
    const [, host = '', port = ''] = /^([a-z0-9.-]+):(\d{1,5})$/.exec(target) ?? [];
    try {
      const upstream = await reach(host, Number(port));
      connections.add(upstream);
      upstream.once('close', () => {
        connections.delete(upstream);
        client.destroy();
      });
      upstream.on('error', () => upstream.destroy());
      client.once('close', () => upstream.destroy());
      upstream.once('connect', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.write(head);
        upstream.pipe(client);
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
    get refused() {
      return [...refused];
    },
    stop: async () => {
      for (const connection of connections) connection.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

class Refused extends Error {
  /** @param because null: the host is not on the list, which is said by naming it */
  constructor(
    readonly because: string | null,
    readonly status = 403,
  ) {
    super(because ?? 'not on the list');
  }
}

/** A request that only reads has no body, and whom it is for is in its URL: what a proxy judges is what it sends. */
function withoutHops(headers: http.IncomingHttpHeaders): http.OutgoingHttpHeaders {
  const {
    connection: _,
    'proxy-connection': _1,
    'proxy-authorization': _2,
    'transfer-encoding': _3,
    'content-length': _4,
    upgrade: _5,
    expect: _6,
    ...rest
  } = headers;
  return rest;
}

/** @param pattern a host, or `*.example.org` for every host below it */
export function matchesHost(pattern: string, host: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : pattern === host;
}

function isPrivate(address: string, family: number): boolean {
  return privateAddresses.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
