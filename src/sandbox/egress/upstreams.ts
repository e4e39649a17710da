import { lookup } from 'node:dns/promises';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { type AllowedHost, matchesHost } from './allowed-host.js';
import { isPublicAddress } from './public-address.js';
import { RefusedError } from './refused-error.js';

/** This is more than any package manager opens. */
export const maxConnections = 256;

/** All sockets of one proxy, so that they can be closed together. */
export class Connections {
  readonly #open = new Set<Duplex>();

  add<T extends net.Socket>(socket: T, onClose: () => void = () => {}): T {
    this.#open.add(socket);
    // One client may have as many upstream connections as there can be, and each adds a listener.
    socket.setMaxListeners(0);
    socket.once('close', () => {
      this.#open.delete(socket);
      onClose();
    });
    // The other end notices the error because its own connection ends.
    socket.on('error', () => socket.destroy());
    return socket;
  }

  destroyAll(): void {
    for (const connection of this.#open) connection.destroy();
  }
}

/** Opens connections to allowed hosts. */
export class Upstreams {
  /** Open connections, and those that are still being looked up. */
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
   * Resolves the host once and connects to the address that was checked.
   * @param client the connection that asks; the upstream connection never outlives it
   * @throws RefusedError when the host is not allowed; Error when it cannot be reached
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
