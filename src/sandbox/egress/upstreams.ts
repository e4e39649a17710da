import { lookup } from 'node:dns/promises';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { type AllowedHost, matchesHost } from './allowed-host.js';
import { isPublicAddress } from './public-address.js';
import { RefusedError } from './refused-error.js';

/** Maximum number of client connections. */
export const maxClients = 1024;
/** Maximum number of open upstream connections. Further ones wait until one of these closes. */
const maxUpstreams = 256;
/** Maximum number of connections that wait. A client can ask for several on one connection. */
const maxWaiting = 2048;

/** Tracks all sockets of one proxy, in order to close them together. */
export class Connections {
  readonly #open = new Set<Duplex>();

  add<T extends net.Socket>(socket: T, onClose: () => void = () => {}): T {
    this.#open.add(socket);
    // A client can have many upstream connections, and others that wait. Each of them adds a listener to the
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

/** Limits how many upstream connections are open at the same time. The others wait in order. */
class Slots {
  #free = maxUpstreams;
  readonly #waiting = new Set<() => void>();

  /** @throws RefusedError when too many connections wait; Error when the client is gone */
  async take(client: Duplex): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    if (this.#waiting.size >= maxWaiting)
      throw new RefusedError(`more than ${maxWaiting} connections that wait`, 503);
    if (client.destroyed) throw clientIsGone();
    await new Promise<void>((resolve, reject) => {
      const grant = () => {
        client.off('close', giveUp);
        resolve();
      };
      const giveUp = () => {
        this.#waiting.delete(grant);
        reject(clientIsGone());
      };
      this.#waiting.add(grant);
      client.once('close', giveUp);
    });
  }

  release(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}

const clientIsGone = () => new Error('the client is gone');

/** Opens connections from the proxy to allowed hosts. */
export class Upstreams {
  /** An open connection has a slot, also while a DNS lookup for it is running. */
  readonly #slots = new Slots();
  #isStopped = false;

  constructor(
    private readonly allowed: readonly AllowedHost[],
    private readonly connections: Connections,
  ) {}

  stop(): void {
    this.#isStopped = true;
  }

  /**
   * Waits until a connection may be opened. Looks up the host once, checks its addresses, and connects to an
   * address that passed the check. A second lookup could return an address that was not checked.
   * @param client the client's connection; when it closes, the upstream connection is closed too
   * @throws RefusedError when the connection is not allowed
   * @throws Error when the host cannot be found or the client is gone
   */
  async connect(host: string, port: number, client: Duplex): Promise<net.Socket> {
    const entry = this.allowed.find((one) => one.port === port && matchesHost(one.host, host));
    if (!entry || net.isIP(host)) throw new RefusedError(null);
    await this.#slots.take(client);
    try {
      const addresses = await lookup(host, { all: true });
      const usable = addresses.find(({ address }) => entry.mayBePrivate || isPublicAddress(address));
      if (!usable) throw new RefusedError('it resolves to a private address');
      if (this.#isStopped || client.destroyed) throw clientIsGone();
      // Without noDelay, the kernel holds back the small messages of a TLS handshake.
      const upstream = net.connect({ host: usable.address, port, noDelay: true });
      const end = () => upstream.destroy();
      client.once('close', end);
      return this.connections.add(upstream, () => {
        client.off('close', end);
        this.#slots.release();
      });
    } catch (error) {
      this.#slots.release();
      throw error;
    }
  }
}
