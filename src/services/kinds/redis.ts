import type { Service } from '../../environment/environment.js';
import { majorOf } from '../find-programs.js';
import type { ChooseServer } from '../server.js';
import { oneLine, quote, quoteAll } from '../shell.js';

/** Options that change how the server behaves, but not where it listens, what it loads and where it logs. */
const accepted = new RegExp(
  '^(?:requirepass|maxmemory(?:-policy|-samples)?|appendonly|appendfsync|databases|notify-keyspace-events|' +
    'timeout|maxclients|user|lazyfree-[a-z-]+|client-output-buffer-limit|proto-max-bulk-len|' +
    'stop-writes-on-bgsave-error|enable-debug-command)$',
);
/** Options that the server gets with other values, or that only matter where many clients share a server. */
const needless =
  /^(?:port|bind|dir|daemonize|loglevel|logfile|pidfile|protected-mode|save|dbfilename|hz|tcp-\w+)$/;

/** Chooses a server for a service of the kind `redis`. Valkey and Redis understand the same commands. */
export const chooseRedis: ChooseServer = async ({ service, name, address, port }, { found }) => {
  const wantsValkey = /valkey/.test(service.image);
  const order = wantsValkey ? ['valkey-server', 'redis-server'] : ['redis-server', 'valkey-server'];
  const program = order.flatMap((one) => found.programs.get(one) ?? [])[0];
  if (!program)
    return {
      unavailable:
        'The sandbox has no redis-server and no valkey-server. Install the Debian package redis-server on ' +
        'the server, or add a folder with this program to SANDBOX_TOOL_PATHS.',
    };
  const isValkey = program.path.endsWith('/valkey-server');
  const title = `${isValkey ? 'Valkey' : 'Redis'} ${program.version}`;
  const { options, dropped } = readOptions(service.arguments);
  const password = service.variables.REDIS_PASSWORD;
  if (/bitnami/.test(service.image) && password && !options.some(([one]) => one === 'requirepass'))
    options.push(['requirepass', password]);
  const addresses = address === '127.0.0.1' ? [address, '-::1'] : [address];
  const asked = majorOf(service.version);
  const isOther = isValkey !== wantsValkey || (asked !== null && asked !== majorOf(program.version));
  return {
    title,
    differences: [
      ...(isOther && service.version
        ? [`It stands in for ${wantsValkey ? 'Valkey' : 'Redis'} ${oneLine(service.version, 20)}.`]
        : []),
      ...(dropped.length > 0 ? [`It runs without these options: ${oneLine(dropped.join(' '), 200)}.`] : []),
    ],
    missing: listMissing(service),
    mounts: [],
    needsNode: false,
    initialize: 'mkdir data',
    prepare: '',
    command: quoteAll([
      ...[program.path, '--port', String(port), '--bind', ...addresses, '--protected-mode', 'no'],
      ...['--dir', `/services/${name}/data`, '--daemonize', 'no', '--loglevel', 'warning'],
      // With a rule for saving, the server saves its data when it stops. This rule never applies before.
      ...['--save', '86400 1000000000'],
      // The server looks this often per second whether it shall stop.
      ...['--hz', '200'],
      ...options.flatMap(([option, ...values]) => [`--${option}`, ...values]),
    ]),
    ready: [
      `exec 6<>/dev/tcp/${address}/${port} || return`,
      `printf 'PING\\r\\n' >&6`,
      'reply=LOADING',
      'read -rt 5 -u 6 reply',
      'exec 6>&-',
      '[[ $reply != *LOADING* && -n $reply ]]',
    ].join('; '),
    stopSignal: 'TERM',
  };
};

function listMissing({ name, image, variables }: Service): string[] {
  const hasModules = /redis-stack|redisearch|rejson|redismod/.test(image);
  const isCluster = /^(?:yes|true|1)$/i.test(variables.REDIS_CLUSTER ?? '');
  return [
    ...(hasModules ? [`The modules of the image ${oneLine(image)} are not available.`] : []),
    ...(isCluster
      ? [`The service ${oneLine(name)} asks for a cluster, which is not available. It is one server.`]
      : []),
  ];
}

/** Reads arguments such as `redis-server --requirepass secret --appendonly yes`. */
function readOptions(words: readonly string[]): { options: string[][]; dropped: string[] } {
  const options: string[][] = [];
  const dropped: string[] = [];
  let current: string[] | null = null;
  for (const word of words) {
    const option = /^--([a-z][a-z-]*)$/i.exec(word)?.[1]?.toLowerCase();
    if (option !== undefined) {
      current = accepted.test(option) ? [option] : [];
      if (current.length > 0) options.push(current);
      else if (!needless.test(option)) dropped.push(word);
    } else if (current) {
      if (current.length > 0) current.push(word);
    } else if (!/(?:^|\/)(?:redis|valkey)-server$/.test(word)) dropped.push(word);
  }
  return { options, dropped };
}

/** Chooses a server for a service of the kind `memcached`. */
export const chooseMemcached: ChooseServer = async ({ address, port }, { found }) => {
  const program = found.programs.get('memcached')?.[0];
  if (!program)
    return {
      unavailable: 'The sandbox has no memcached. Install the Debian package memcached on the server.',
    };
  const addresses = address === '127.0.0.1' ? `${address}\${v6:+,$v6}` : address;
  return {
    title: `Memcached ${program.version}`,
    differences: [],
    missing: [],
    mounts: [],
    needsNode: false,
    initialize: 'mkdir data',
    prepare: '',
    command: `${quote(program.path)} -p ${port} -U 0 -m 64 -t 1 -l ${addresses}`,
    ready: `{ : <>/dev/tcp/${address}/${port}; }`,
    // It keeps no data, and reacts to other signals only once per second.
    stopSignal: 'KILL',
  };
};
