import path from 'node:path';
import type { Service } from '../environment.js';
import { readImage } from '../images.js';
import { type Files, joinInside } from '../open-files.js';
import { findInitScripts } from '../services/init-scripts.js';
import { listPorts, makeService, readVariables } from '../services/make-service.js';
import { splitWords } from '../shell/split-script.js';
import { asList, asMap, asText, type Values } from '../values.js';
import { findBuiltServer, runsRepository } from './built-image.js';
import { readEnvFile, readInterpolationValues, replaceVariables } from './env-file.js';

/** A service of a compose file. */
export interface ComposeService {
  name: string;
  /** Null if the service is built from the repository, or if tests do not need it. */
  service: Service | null;
  /** Whether it is built from the repository, or runs its code in the image of a language. */
  isBuilt: boolean;
  /** The folder from which it is built; null if the file does not say so. */
  context: string | null;
  /** The words of the command that its container runs; empty for that of the image. */
  command: string[];
  variables: Record<string, string>;
  dependsOn: string[];
}

const maxIncluded = 10;

/**
 * Reads compose files as one project; later files add to earlier ones.
 * @param variables values for `${NAME}` that take precedence over those of `.env`
 */
export async function readCompose(
  files: Files,
  names: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<ComposeService[]> {
  const queue = [...names];
  const services = new Map<string, ComposeService>();
  for (let at = 0; at < queue.length && at < maxIncluded; at++) {
    const file = queue[at] ?? '';
    const folder = path.posix.dirname(file).replace(/^\.$/, '');
    const values = { ...(await readInterpolationValues(files, folder)), ...variables };
    const content = asMap(await files.yaml(file));
    for (const included of asList(content.include)) {
      const name = asText(included) ?? asText(asList(asMap(included).path)[0]);
      const joined = name && joinInside(folder, name);
      if (joined && !queue.includes(joined)) queue.push(joined);
    }
    for (const [name, raw] of Object.entries(asMap(content.services)).slice(0, 100)) {
      const extended = await extend(files, file, asMap(raw), 0);
      const next = await readService(files, { file, folder, name, values }, extended);
      services.set(name, merge(services.get(name), next));
    }
  }
  return [...services.values()];
}

/** Adds the fields of the service that `extends` names. */
async function extend(files: Files, file: string, service: Values, depth: number): Promise<Values> {
  const target = asMap(typeof service.extends === 'string' ? { service: service.extends } : service.extends);
  const name = asText(target.service);
  const other = asText(target.file);
  const from = other ? joinInside(path.posix.dirname(file).replace(/^\.$/, ''), other) : file;
  if (!name || from === null || depth >= 5) return service;
  const base = asMap(asMap(asMap(await files.yaml(from)).services)[name]);
  return { ...(await extend(files, from, base, depth + 1)), ...service };
}

interface Place {
  file: string;
  folder: string;
  name: string;
  values: Readonly<Record<string, string>>;
}

async function readService(files: Files, place: Place, raw: Values): Promise<ComposeService> {
  const replace = (found: string) => {
    const replaced = replaceVariables(found, place.values);
    return files.spend(replaced.length / 1000) ? replaced : '';
  };
  const text = (value: unknown) => {
    const found = asText(value);
    return found === null ? null : replace(found);
  };
  const replaceIn = (value: unknown) => (typeof value === 'string' ? replace(value) : value);
  const variables: Record<string, string> = {};
  for (const item of asList(raw.env_file)) {
    const name = text(item) ?? text(asMap(item).path);
    const joined = name && joinInside(place.folder, name);
    if (joined) Object.assign(variables, await readEnvFile(files, joined));
  }
  for (const [name, value] of Object.entries(readVariables(raw.environment)))
    variables[name] = replace(value);
  const named = text(raw.image);
  const hasBuild = raw.build !== undefined && raw.build !== null;
  const isBuilt = hasBuild || (named !== null && runsRepository(named));
  const isKnown = named !== null && readImage(named).kind !== 'other';
  const built = hasBuild && !isKnown ? await findBuiltServer(raw.build, place.folder, files) : null;
  const image = built?.image ?? named;
  const initScripts = findInitScripts(asList(raw.volumes).map(replaceIn), place.folder, files);
  const context = text(raw.build) ?? text(asMap(raw.build).context);
  const aliases = Object.values(asMap(raw.networks)).flatMap((network) => asList(asMap(network).aliases));
  const hosts = [raw.container_name, raw.hostname, ...aliases].map(text).filter((host) => host !== null);
  const ports = listPorts(raw.ports).map(replace);
  const command = Array.isArray(raw.command)
    ? raw.command.map((word) => text(word) ?? '')
    : splitWords(text(raw.command) ?? '');
  const source = place.file;
  const { unclear } = files;
  const made = image
    ? makeService({ name: place.name, image, hosts, ports, variables, command, source, unclear })
    : null;
  const service = made && addInitScripts(made, [...(built?.initScripts ?? []), ...initScripts]);
  const dependsOn = Array.isArray(raw.depends_on) ? raw.depends_on : Object.keys(asMap(raw.depends_on));
  return {
    name: place.name,
    service: isBuilt && service?.kind === 'other' ? null : service,
    isBuilt,
    context: context === null ? null : joinInside(place.folder, context),
    command,
    variables,
    dependsOn: dependsOn.map(asText).filter((name) => name !== null),
  };
}

function addInitScripts(service: Service, scripts: readonly string[]): Service {
  const runsScripts = ['postgres', 'mysql', 'mariadb'].includes(service.kind) && scripts.length > 0;
  return runsScripts ? { ...service, initScripts: [...new Set(scripts)] } : service;
}

function merge(old: ComposeService | undefined, next: ComposeService): ComposeService {
  if (!old) return next;
  const variables = { ...old.variables, ...next.variables };
  const base = next.service ?? old.service;
  const ports = [...new Set([...(old.service?.ports ?? []), ...(next.service?.ports ?? [])])];
  return {
    name: next.name,
    service: base && { ...base, ports: ports.length > 0 ? ports : base.ports, variables },
    isBuilt: old.isBuilt || next.isBuilt,
    context: next.context ?? old.context,
    command: next.command.length > 0 ? next.command : old.command,
    variables,
    dependsOn: [...old.dependsOn, ...next.dependsOn],
  };
}
