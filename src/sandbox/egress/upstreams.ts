import { lookup } from 'node:dns/promises';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { type AllowedHost, matchesHost } from './allowed-host.js';
import { isPublicAddress } from './public-address.js';
import { RefusedError } from './refused-error.js';

/**
 * Maximum number of client connections. The same limit applies separately to upstream connections. No package
 * manager opens that many connections.
 */
export const maxConnections = 256;

/** Tracks all sockets of one proxy, in order to close them together. */
export class Connections {
  readonly #open = new Set<Duplex>();

  add<T extends net.Socket>(socket: T, onClose: () => void = () => {}): T {
    this.#open.add(socket);
    // A client can have up to `maxConnections` upstream connections. Each of them adds a listener to the
    // client's socket, and Node would warn above ten listeners.
    socket.setMaxListeners(0);
    socket.once('close', () => {
      this.#open.delete(socket);
      onClose();
    });
    // Destroying this socket also ends the connection on the other side of the proxy, so the error needs no
    // other handling.
    socket.on('error', () => socket.destroy());
    return socket;
  }

  destroyAll(): void {
    for (const connection of this.#open) connection.destroy();
  }
}

/** Opens connections from the proxy to allowed hosts. */
export class Upstreams {
  /** Number of open connections, including those for which a DNS lookup is still running. */
  #count = 0;
  #isStopped = false;

  constructor(
    private readonly allowed: readonly AllowedHost[],
    private readonly connections: Connections,
  ) {}

  stop(): void {
    this.#isStopped = true;
  }

  /**
   * Looks up the host once, checks its addresses, and connects to an address that passed the check. A second
   * lookup could return an address that was not checked.
   * @param client the client's connection; when it closes, the upstream connection is closed too
   * @throws RefusedError when the connection is not allowed
   * @throws Error when the host cannot be found or the client is gone
   */
  async connect(host: string, port: number, client: Duplex): Promise<net.Socket> {
    const entry = this.allowed.find((one) => one.port === port && matchesHost(one.host, host));
    if (!entry || net.isIP(host)) throw new RefusedError(null);
    if (this.#count >= maxConnections)
      throw new RefusedError(`more than ${maxConnections} connections at a time`, 503);
    this.#count += 1;
    const release = () => {
      this.#count -= 1;
    };
    try {
      const addresses = await lookup(host, { all: true });
      const usable = addresses.find(({ address }) => entry.mayBePrivate || isPublicAddress(address));
      if (!usable) throw new RefusedError('it resolves to a private address');
      if (this.#isStopped || client.destroyed) throw new Error('the client is gone');
      const upstream = net.connect({ host: usable.address, port });
      const end = () => upstream.destroy();
      client.once('close', end);
      return this.connections.add(upstream, () => {
        client.off('close', end);
        release();
      });
    } catch (error) {
      release();
      throw error;
    }
  }
}
