import type { Service } from '../environment.js';
import { readImage, standardPort } from '../images.js';
import { asList, asMap, asText, variableName } from '../values.js';

export interface ServiceText {
  name: string;
  image: string;
  /** Additional names by which tests reach the server. */
  hosts?: readonly string[];
  /** Ports as Docker writes them, such as `5433:5432`. */
  ports?: readonly string[];
  variables?: Readonly<Record<string, string>>;
  /** The words of the command, with or without the server's program. */
  command?: readonly string[];
  source: string;
  /** Gets a sentence for each port that cannot be understood. */
  unclear?: { add(sentence: string): unknown };
}

/**
 * Describes a service that a file asks for.
 * @returns null for an image that tests do not need, such as adminer, and for a container that only waits for
 * a server or talks to it
 */
export function makeService(text: ServiceText): Service | null {
  const image = text.image.trim();
  const { kind, version, isForPeople } = readImage(image);
  if (image === '' || isForPeople || isClient(text.command ?? [])) return null;
  for (const port of (text.ports ?? []).filter((one) => readPort(one) === null))
    text.unclear?.add(
      `${text.source}: the port \`${port.replaceAll('\0', '…').slice(0, 40)}\` of the service ${text.name} was left out, because it is no single port from 1 to 65535.`,
    );
  const hosts = [text.name, ...(text.hosts ?? [])].filter((host) => /^[A-Za-z0-9][\w.-]{0,252}$/.test(host));
  return {
    name: text.name,
    kind,
    image,
    version,
    hosts: [...new Set(hosts)],
    ports: readPorts(text.ports ?? [], standardPort(kind)),
    variables: { ...text.variables },
    arguments: stripProgram(text.command ?? []),
    source: text.source,
  };
}

/** Returns the server's own port first, and then the ports that Docker maps to it. */
function readPorts(texts: readonly string[], standard: number | null): number[] {
  const pairs = texts.map(readPort).filter((pair) => pair !== null);
  const own = standard ?? pairs[0]?.[1];
  if (own === undefined) return [];
  const mapped = pairs.filter(([, inner]) => inner === own).map(([outer]) => outer);
  const others = pairs.filter(([, inner]) => inner !== own).map(([outer]) => outer);
  return [...new Set([own, ...mapped, ...others])];
}

/**
 * Reads a port such as `5433:5432/tcp`. Without a port outside of the container, Docker chooses any.
 * @returns the port outside and the port inside of the container; null if the text is no port
 */
export function readPort(text: string): [outer: number, inner: number] | null {
  const numbers = text
    .replace(/\/(?:tcp|udp)$/, '')
    .replace(/^(?:[\d.]*:)?:/, '')
    .split(':')
    .slice(-2)
    .map(Number);
  if (numbers.length === 0 || numbers.some((port) => !Number.isInteger(port) || port < 1 || port > 65535))
    return null;
  const [outer = 0, inner = outer] = numbers;
  return [outer, inner];
}

/** Returns the ports of a list in which Docker accepts texts, numbers and maps. */
export function listPorts(value: unknown): string[] {
  return asList(value).flatMap((port) => {
    const { target, published } = asMap(port);
    const [inner, outer] = [asText(target), asText(published)];
    const text = inner ? `${outer ?? inner}:${inner}` : asText(port);
    return text ? [text] : [];
  });
}

/** Reads variables that are a map, or a list of texts such as `A=b`. A name without a value is left out. */
export function readVariables(value: unknown): Record<string, string> {
  const pairs = Array.isArray(value)
    ? value.map((item) => /^([^=]*)=([\s\S]*)$/.exec(asText(item) ?? '')?.slice(1) ?? [])
    : Object.entries(asMap(value)).map(([name, text]) => [name, asText(text)]);
  return Object.fromEntries(pairs.filter(([name, text]) => variableName.test(name ?? '') && text != null));
}

/** Whether a container with a server's image runs another program of this image, such as a loop with psql. */
function isClient(words: readonly string[]): boolean {
  const client =
    /(?:^|[\s;&|/])(?:psql|pg_isready|createdb|mysql|mysqladmin|mariadb|mongosh?|redis-cli|wait\S*)(?:\s|$)/;
  const first = words.find((word) => !/(?:^|\/)docker-entrypoint(?:\.sh)?$/.test(word)) ?? '';
  if (client.test(first)) return true;
  const script = words.join(' ');
  return /(?:^|\/)(?:ba|da)?sh$/.test(first) && client.test(script) && !server.test(script);
}

const server =
  /(?:^|[\s;&|/])(?:docker-entrypoint(?:\.sh)?|postgres|mysqld|mariadbd|mysqld_safe|redis-server|valkey-server|mongod|memcached)(?:\s|$)/;

/** The command of a container often begins with the server's program, which is no argument. */
function stripProgram(words: readonly string[]): string[] {
  const programs =
    /(?:^|\/)(?:docker-entrypoint(?:\.sh)?|postgres|mysqld|mariadbd|mysqld_safe|redis-server|redis-stack-server|valkey-server|mongod|memcached|rabbitmq-server)$/;
  const at = words.findIndex((word) => !programs.test(word));
  const rest = at < 0 ? [] : words.slice(at);
  // A script of a shell is no list of arguments.
  return /(?:^|\/)(?:ba)?sh$/.test(rest[0] ?? '') ? [] : rest;
}
