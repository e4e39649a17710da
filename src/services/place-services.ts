import type { Service } from '../environment/environment.js';
import type { PlacedService } from './server.js';

/** A port on which the sandbox listens besides the servers, and the server behind it. */
export interface Forward {
  address: string;
  port: number;
  toAddress: string;
  toPort: number;
}

export interface Places {
  /** In the order of the services. */
  placed: PlacedService[];
  forwards: Forward[];
  /** Addresses of the names by which tests reach the servers. */
  hosts: Record<string, string>;
}

const ownPorts: Partial<Record<Service['kind'], number>> = {
  postgres: 5432,
  mysql: 3306,
  mariadb: 3306,
  redis: 6379,
  mongodb: 27_017,
  memcached: 11_211,
};

const loopback = '127.0.0.1';
const maxNameLength = 30;
/** Programs in a sandbox cannot listen on lower ports. */
const firstPort = 1024;
/** Names that a service must not take, because they have a meaning of their own. */
const reserved = new Set(['localhost', 'sandbox']);

/**
 * Gives each service a name, an address and a port. In CI or with a compose file, each service has a network
 * address of its own, so two of them can use the same port. Here, the second one listens on another loopback
 * address.
 */
export function placeServices(services: readonly Service[]): Places {
  const names = new Set<string>();
  const taken = new Set<string>();
  const places = new Map<Service, PlacedService>();
  // A service with one port is reached on this port of `localhost`. If it has further ports, tests reach it
  // there, so it leaves its own port to the others.
  const byPorts = [...services].sort((one, other) => one.ports.length - other.ports.length);
  for (const service of byPorts) {
    const [own] = portsOf(service);
    const port = own ?? ownPorts[service.kind] ?? 0;
    let number = 1;
    while (taken.has(`127.0.0.${number}:${port}`)) number += 1;
    const address = `127.0.0.${number}`;
    taken.add(`${address}:${port}`);
    places.set(service, { service, name: '', address, port });
  }
  const placed = services.map((service) => ({
    ...(places.get(service) as PlacedService),
    name: chooseName(service, names),
  }));
  const forwards: Forward[] = [];
  for (const { service, address: toAddress, port: toPort } of placed)
    for (const port of portsOf(service))
      for (const address of new Set([loopback, toAddress])) {
        if (taken.has(`${address}:${port}`)) continue;
        taken.add(`${address}:${port}`);
        forwards.push({ address, port, toAddress, toPort });
      }
  return { placed, forwards, hosts: nameHosts(placed) };
}

function portsOf({ ports }: Service): number[] {
  return ports.filter((port) => Number.isInteger(port) && port >= firstPort && port <= 65_535);
}

/** Makes a name that is safe as the name of a folder and in bash. */
function chooseName({ name, kind }: Service, names: Set<string>): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .replace(/^[-_]+|-+$/g, '')
    .slice(0, maxNameLength);
  const base = plain || kind;
  let chosen = base;
  for (let number = 2; names.has(chosen); number++) chosen = `${base}-${number}`;
  names.add(chosen);
  return chosen;
}

function nameHosts(placed: readonly PlacedService[]): Record<string, string> {
  const hosts = new Map<string, string>();
  for (const { service, address } of placed)
    for (const host of service.hosts.map((one) => one.toLowerCase()))
      if (/^[a-z0-9][a-z0-9._-]{0,62}$/.test(host) && !reserved.has(host) && !hosts.has(host))
        hosts.set(host, address);
  return Object.fromEntries(hosts);
}
