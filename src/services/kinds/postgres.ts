import { majorOf, type PostgresFolder } from '../find-programs.js';
import type { ChooseServer, Machine, PlacedService, Server } from '../server.js';
import { oneLine, quote, quoteAll } from '../shell.js';
import { readPostgresArguments } from './postgres-arguments.js';

/** Extensions that come with an image, by a pattern of its name. */
const imageExtensions: [image: RegExp, extensions: string[]][] = [
  [/postgis/, ['postgis']],
  [/pgvector|\/pg_?vector|ankane/, ['vector']],
  [/timescale/, ['timescaledb']],
  [/citus/, ['citus']],
  [/paradedb/, ['pg_search', 'vector']],
];

/** A folder with the programs of Postgres. `root` is the folder to mount; null if the sandbox has it. */
type Choice = PostgresFolder & { root: string | null };

/** Chooses a server for a service of the kind `postgres`. */
export const choosePostgres: ChooseServer = async (placed, machine) => {
  const { service } = placed;
  const wanted = imageExtensions.flatMap(([image, extensions]) =>
    image.test(service.image.toLowerCase()) ? extensions : [],
  );
  const asked = majorOf(service.version);
  const faults: string[] = [];
  const choice = await choose(machine, asked, wanted, faults);
  if (!choice)
    return {
      unavailable: [
        ...faults,
        'The sandbox has no programs of PostgreSQL. Install the Debian package postgresql on the server, or ' +
          'allow package registries with EGRESS.',
      ].join(' '),
    };
  return describeServer(placed, machine, choice, { asked, wanted, faults });
};

/**
 * Chooses, in this order: a server with the extensions that the image has, the major version, what the
 * sandbox already has, the nearest major version.
 */
async function choose(
  { found, postgres }: Machine,
  asked: number | null,
  wanted: readonly string[],
  faults: string[],
): Promise<Choice | null> {
  const installed = found.postgres.map((one) => ({ ...one, root: null }));
  const newest = Math.max(0, ...postgres.majors, ...installed.map(({ version }) => majorOf(version) ?? 0));
  const distance = (major: number | null) => Math.abs((major ?? 0) - (asked ?? newest));
  const byDistance = [...installed].sort(
    (one, other) => distance(majorOf(one.version)) - distance(majorOf(other.version)),
  );
  if (wanted.length > 0) {
    const complete = byDistance.find(({ extensions }) => wanted.every((one) => extensions.has(one)));
    if (complete) return complete;
  }
  const majors = [...postgres.majors].sort((one, other) => distance(one) - distance(other));
  for (const major of majors) {
    const [nearest] = byDistance;
    if (nearest && distance(majorOf(nearest.version)) <= distance(major)) return nearest;
    try {
      return await postgres.open(major);
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
    }
  }
  return byDistance[0] ?? null;
}

function describeServer(
  placed: PlacedService,
  { found }: Machine,
  choice: Choice,
  { asked, wanted, faults }: { asked: number | null; wanted: readonly string[]; faults: readonly string[] },
): Server {
  const { service, address, port } = placed;
  const major = majorOf(choice.version) ?? 0;
  const title = `PostgreSQL ${choice.version}`;
  const programs = choice.root ? `/opt/pullwright/postgres-${choice.version}/bin` : choice.folder;
  const options = readPostgresArguments(service.arguments, choice.libraries);
  const usesSsl = options.dropped.some(asksForSsl) || /ssl/.test(service.image);
  const dropped = options.dropped.filter((one) => !asksForSsl(one));
  const addresses = address === '127.0.0.1' ? '127.0.0.1,::1' : address;
  const pidFile = `/services/${placed.name}/data/postmaster.pid`;
  const missing = wanted.filter((one) => !choice.extensions.has(one));
  return {
    title,
    differences: [
      ...(asked !== null && asked !== major
        ? [`It stands in for PostgreSQL ${asked}. ${faults.join(' ')}`]
        : []),
      ...(dropped.length > 0 ? [`It runs without these options: ${oneLine(dropped.join(' '), 200)}.`] : []),
    ].map((sentence) => sentence.trim()),
    missing: missing.map(
      (one) =>
        `The extension ${one} of the image ${oneLine(service.image)} is not available. Install ` +
        `${debianPackages[one] ?? 'it'} on the server, beside the Debian package postgresql.`,
    ),
    mounts: choice.root
      ? [{ from: choice.root, to: `/opt/pullwright/postgres-${choice.version}`, writable: false }]
      : [],
    needsNode: true,
    database: {
      ...{ service: placed.name, title, host: address, port, ...readAccount(service) },
      socket: `${address === '127.0.0.1' ? '/tmp' : `/services/${placed.name}`}/.s.PGSQL.${port}`,
    },
    initialize: [
      initialize(placed, programs, major, found.hasEnglishLocale),
      ...(usesSsl ? [initializeSsl(programs)] : []),
    ].join('\n'),
    // Another process can have the id that a killed server left in this file.
    prepare: `[ ! -e ${pidFile} ] || rm ${pidFile}`,
    command: quoteAll([
      ...[`${programs}/postgres`, '-D', `/services/${placed.name}/data`, '-p', String(port)],
      // Two servers with the same port need sockets in different folders.
      ...['-k', address === '127.0.0.1' ? '/tmp' : `/services/${placed.name}`],
      ...['-c', `listen_addresses=${addresses}`],
      ...options.accepted.flatMap((one) => ['-c', one]),
    ]),
    ready: `[ -e ${pidFile} ] && mapfile -t status <${pidFile} && [[ \${status[7]} == ready* ]]`,
    stopSignal: 'INT',
  };
}

/** The packages of extensions for the major version N of Postgres. */
const debianPackages: Record<string, string> = {
  postgis: 'postgresql-N-postgis-3',
  vector: 'postgresql-N-pgvector',
};

/** The names of variables that bitnami's images use, beside those of the official image. */
function readAccount({ variables, image }: PlacedService['service']) {
  const isBitnami = /bitnami/.test(image);
  const read = (name: string, bitnami: string) =>
    variables[name] ?? (isBitnami ? variables[bitnami] : undefined);
  const user = read('POSTGRES_USER', 'POSTGRESQL_USERNAME') || 'postgres';
  const password = read('POSTGRES_PASSWORD', 'POSTGRESQL_PASSWORD') ?? '';
  return { user, password, database: read('POSTGRES_DB', 'POSTGRESQL_DATABASE') || user };
}

/** Initializes the data as the official image does. Only connections over TCP need the password. */
function initialize(
  placed: PlacedService,
  programs: string,
  major: number,
  hasEnglishLocale: boolean,
): string {
  const { variables, image } = placed.service;
  const { user, password, database } = readAccount(placed.service);
  const trusts = variables.POSTGRES_HOST_AUTH_METHOD === 'trust' || password === '';
  const method = trusts ? 'trust' : major < 14 ? 'md5' : 'scram-sha-256';
  const own = readInitdbArguments(variables.POSTGRES_INITDB_ARGS ?? '');
  const locale = own.some((one) => /locale|lc-/.test(one))
    ? []
    : chooseLocale(/alpine/.test(image), major, hasEnglishLocale);
  const initdb = [
    ...[`${programs}/initdb`, '-D', 'data', '-U', user, '-E', 'UTF8', '-T', 'english', '-N'],
    ...['--auth-local=trust', `--auth-host=${method}`, '--wal-segsize=1', ...locale, ...own],
    ...(password === '' ? [] : ['--pwfile=password']),
  ];
  const single = quoteAll([`${programs}/postgres`, '--single', '-D', 'data', '-c', 'fsync=off', 'postgres']);
  const timezone = /^[A-Za-z0-9_+/-]+$/.test(variables.TZ ?? '') ? variables.TZ : 'Etc/UTC';
  return [
    ...(password === '' ? [] : [`(umask 077; printf '%s\\n' ${quote(password)} >password)`]),
    `clean ${quoteAll(initdb)}`,
    'rm -f password',
    `printf '%s\\n' 'local all all trust' 'host all all all ${method}' 'local replication all trust' \\`,
    `  'host replication all all ${method}' >data/pg_hba.conf`,
    `printf '%s\\n' ${quoteAll(settings(major, timezone ?? ''))} >>data/postgresql.conf`,
    ...(database === 'postgres'
      ? []
      : [
          `created=$(printf '%s\\n' ${quote(`CREATE DATABASE ${identifier(database)};`)} | clean ${single} 2>&1)`,
          `case $created in *ERROR*|*FATAL*) printf '%s\\n' "$created"; exit 1 ;; esac`,
        ]),
  ].join('\n');
}

function asksForSsl(option: string): boolean {
  return /^ssl=(?:on|true|1|yes)$/i.test(option);
}

/** Gives the server a self-signed certificate if the sandbox has OpenSSL and the server supports SSL. */
function initializeSsl(programs: string): string {
  const request = quoteAll([
    ...['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3650'],
    ...['-subj', '/CN=localhost', '-keyout', 'data/server.key', '-out', 'data/server.crt'],
  ]);
  const check = quoteAll([`${programs}/postgres`, '-D', 'data', '-c', 'ssl=on', '-C', 'ssl']);
  return [
    `if clean ${request} && chmod 600 data/server.key && clean ${check}; then`,
    "  printf 'ssl = on\\n' >>data/postgresql.conf",
    'fi',
  ].join('\n');
}

/** The official image sorts text as English does. Its variant for Alpine sorts by bytes. */
function chooseLocale(isAlpine: boolean, major: number, hasEnglishLocale: boolean): string[] {
  if (isAlpine) return ['--locale=C.UTF-8'];
  if (hasEnglishLocale) return ['--locale=en_US.UTF-8'];
  return major >= 15
    ? ['--locale-provider=icu', '--icu-locale=en-US', '--locale=C.UTF-8']
    : ['--locale=C.UTF-8'];
}

/** The data need not survive a crash of the machine, and many servers share one machine. */
function settings(major: number, timezone: string): string[] {
  return [
    ...['fsync = off', 'full_page_writes = off'],
    ...['shared_buffers = 32MB', 'max_wal_size = 256MB', 'min_wal_size = 16MB'],
    // The log contains only what ends the server. A test that causes many errors cannot fill the disk.
    ...['log_min_messages = fatal', 'logging_collector = off'],
    `timezone = '${timezone}'`,
    ...(major >= 18 ? ['io_method = sync'] : []),
  ];
}

/** Quotes a name for SQL. The single-user mode reads one line per statement. */
function identifier(name: string): string {
  return `"${name.replaceAll('"', '""').replace(/[\r\n]/g, ' ')}"`;
}

/** Takes only options that change the format of the data, not where the data are or who can connect. */
function readInitdbArguments(text: string): string[] {
  return text
    .split(/\s+/)
    .map((one) => one.replace(/^(["'])(.*)\1$/, '$2').replace(/=(["'])(.*)\1$/, '=$2'))
    .filter((one) =>
      /^--(?:encoding|locale|lc-[a-z]+|locale-provider|icu-locale|data-checksums|no-locale)\b/.test(one),
    );
}
