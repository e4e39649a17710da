import path from 'node:path';
import type { CiTest, Service } from '../environment.js';
import { type Files, joinInside } from '../open-files.js';
import { quoteWord } from '../shell/split-script.js';
import { asList, asMap, asText } from '../values.js';

const initFolder = '/docker-entrypoint-initdb.d';
const maxScripts = 50;

/**
 * Finds the files of the repository that a container with a database runs when it starts for the first time,
 * in their order.
 * @param volumes the field `volumes` of a service
 * @param folder the folder of the compose file
 */
export function findInitScripts(volumes: unknown, folder: string, files: Files): string[] {
  const found: { file: string; as: string }[] = [];
  for (const volume of asList(volumes)) {
    const [from = '', to = ''] = asText(volume)?.split(':') ?? [
      asText(asMap(volume).source) ?? '',
      asText(asMap(volume).target) ?? '',
    ];
    if (!/^\.{1,2}(?:\/|$)/.test(from)) continue;
    found.push(...listMounted(from, to, folder, files));
  }
  return sortScripts(found);
}

/** Finds such files among those that a Dockerfile copies into the image. */
export function findCopiedScripts(dockerfile: string, context: string, files: Files): string[] {
  const copies = dockerfile.matchAll(/^(?:COPY|ADD)\s+((?:--\S+\s+)*)([^[\n]+)$/gim);
  const found = [...copies].flatMap(([, options = '', rest = '']) => {
    const words = rest.trim().split(/\s+/);
    const to = words.pop() ?? '';
    if (options.includes('--from')) return [];
    return words.flatMap((from) => listMounted(from, to, context, files));
  });
  return sortScripts(found);
}

/** Lists the files of the repository that are at `to` or in it, if that is where such scripts are. */
function listMounted(from: string, to: string, folder: string, files: Files): { file: string; as: string }[] {
  const target = path.posix.normalize(to).replace(/\/$/, '');
  const source = joinInside(folder, from);
  if (source === null || !`${target}/`.startsWith(`${initFolder}/`)) return [];
  const isFolder = target === initFolder;
  if (files.paths.has(source)) return [{ file: source, as: path.posix.basename(isFolder ? source : target) }];
  const prefix = source === '' ? '' : `${source}/`;
  if (!isFolder || !files.spend(files.paths.size / 1000)) return [];
  return [...files.paths]
    .filter((file) => file.startsWith(prefix) && !file.slice(prefix.length).includes('/'))
    .map((file) => ({ file, as: path.posix.basename(file) }));
}

function sortScripts(found: readonly { file: string; as: string }[]): string[] {
  const known = found.filter(({ as }) => /\.(?:sql|sh)$/.test(as));
  const inOrder = known.sort((a, b) => (a.as < b.as ? -1 : 1)).map(({ file }) => file);
  return [...new Set(inOrder)].slice(0, maxScripts);
}

/** Returns the commands that run these files as the official image of the database does. */
export function runInitScripts(services: readonly Service[]): CiTest[] {
  return services.flatMap((service) =>
    (service.initScripts ?? []).map((file) => ({
      command: runScript(service, file),
      folder: '',
      source: service.source,
    })),
  );
}

function runScript({ kind, hosts, ports, variables }: Service, file: string): string {
  const [host = 'localhost'] = hosts;
  const [port] = ports;
  const of = (name: string) => variables[`${kind === 'postgres' ? 'POSTGRES' : 'MYSQL'}_${name}`];
  const assign = (values: Record<string, string | undefined>) =>
    Object.entries(values).flatMap(([name, value]) => (value ? [`${name}=${quoteWord(value)}`] : []));
  const isSql = file.endsWith('.sql');
  const place = { host, port: String(port ?? '') };
  if (kind === 'postgres') {
    const user = of('USER') || 'postgres';
    const database = of('DB') || user;
    const connection = assign({
      ...{ PGHOST: place.host, PGPORT: place.port, PGUSER: user, PGDATABASE: database },
      PGPASSWORD: of('PASSWORD'),
    });
    const image = assign({ POSTGRES_USER: user, POSTGRES_DB: database, POSTGRES_PASSWORD: of('PASSWORD') });
    const words = isSql
      ? [...connection, 'psql', '--no-psqlrc', '-v', 'ON_ERROR_STOP=1', '-f', quoteWord(file)]
      : [...connection, ...image, 'bash', quoteWord(file)];
    return words.join(' ');
  }
  const password = assign({ MYSQL_PWD: of('ROOT_PASSWORD') });
  const image = assign({ MYSQL_ROOT_PASSWORD: of('ROOT_PASSWORD'), MYSQL_DATABASE: of('DATABASE') });
  const client = ['mysql', '-h', quoteWord(place.host), ...(port ? ['-P', place.port] : []), '-u', 'root'];
  const database = of('DATABASE');
  return isSql
    ? [...password, ...client, ...(database ? [quoteWord(database)] : []), '<', quoteWord(file)].join(' ')
    : [...password, ...image, `MYSQL_HOST=${quoteWord(place.host)}`, 'bash', quoteWord(file)].join(' ');
}
