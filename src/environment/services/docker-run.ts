import type { Service } from '../environment.js';
import { readImage } from '../images.js';
import { makeService, readVariables, type ServiceText } from './make-service.js';

/** Options of `docker run` that take no value. */
const flags =
  /^(?:-[dit]+|--(?:detach|interactive|tty|rm|init|privileged|read-only|no-healthcheck|publish-all|quiet|oom-kill-disable|sig-proxy)(?:=.*)?|-[qP])$/;

/** The options of a container that say how it is reached and configured. */
export interface ContainerOptions {
  isDetached: boolean;
  name: string | null;
  hosts: string[];
  ports: string[];
  variables: Record<string, string>;
  /** The words after the options. */
  rest: string[];
}

export function readContainerOptions(words: readonly string[]): ContainerOptions {
  const options: ContainerOptions = {
    isDetached: false,
    name: null,
    hosts: [],
    ports: [],
    variables: {},
    rest: [],
  };
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('-')) break;
    if (/^-[it]*d[it]*$|^--detach/.test(word)) options.isDetached = true;
    if (flags.test(word)) continue;
    const [, name = word, inline] =
      /^(--[\w-]+)=([\s\S]*)$/.exec(word) ?? /^(-[epvhuw])(.+)$/.exec(word) ?? [];
    const value = inline ?? words[++at] ?? '';
    if (name === '--name') options.name = value;
    else if (/^(?:-h|--hostname|--network-alias)$/.test(name)) options.hosts.push(value);
    else if (/^(?:-p|--publish)$/.test(name)) options.ports.push(value);
    else if (/^(?:-e|--env)$/.test(name)) Object.assign(options.variables, readVariables([value]));
  }
  return { ...options, rest: words.slice(at) };
}

/**
 * Reads the words after `docker run`.
 * @returns null if the command starts no server
 */
export function readDockerRun(
  words: readonly string[],
  source: string,
  unclear: NonNullable<ServiceText['unclear']>,
): Service | null {
  const { isDetached, name, hosts, ports, variables, rest } = readContainerOptions(words);
  const [image, ...command] = rest;
  if (!image) return null;
  const service = makeService({
    name: name ?? readImage(image).base,
    image,
    hosts,
    ports,
    variables,
    command,
    source,
    unclear,
  });
  return service && (isDetached || (service.kind !== 'other' && ports.length > 0)) ? service : null;
}
