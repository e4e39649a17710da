import { majorOf } from '../find-programs.js';
import type { ChooseServer, PlacedService } from '../server.js';
import { oneLine, quoteAll } from '../shell.js';
import { type MongoValue, sendMongoCommands } from './mongodb-commands.js';

/** Chooses a server for a service of the kind `mongodb`. */
export const chooseMongodb: ChooseServer = async (placed, { found }) => {
  const { service, name, address, port } = placed;
  const program = found.programs.get('mongod')?.[0];
  if (!program)
    return {
      unavailable:
        "The sandbox has no mongod. Install MongoDB's own package mongodb-org-server on the server, or add a " +
        'folder with mongod to SANDBOX_TOOL_PATHS.',
    };
  const major = majorOf(program.version) ?? 0;
  const asked = majorOf(service.version);
  const { replicaSet, dropped } = readOptions(service);
  const account = readAccount(service);
  // With accounts, the members of a replica set need a common key, even if there is only one member.
  const key = replicaSet !== null && account !== null ? ['--keyFile', `/services/${name}/key`] : [];
  const replicas = replicaSet === null ? [] : ['--replSet', replicaSet];
  const serve = (more: readonly string[]) =>
    quoteAll([
      ...[program.path, '--dbpath', `/services/${name}/data`, '--port', String(port)],
      ...['--wiredTigerCacheSizeGB', '0.25', '--quiet', '--slowms', '100000', '--nounixsocket'],
      ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
      // The primary of a replica set would wait for up to 15 seconds for its clients to leave.
      ...(major >= 5 ? ['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=0'] : []),
      ...more,
    ]);
  const addresses = address === '127.0.0.1' ? `${address}\${v6:+,$v6 --ipv6}` : address;
  return {
    title: `MongoDB ${program.version}`,
    differences: [
      ...(asked !== null && asked !== major ? [`It stands in for MongoDB ${asked}.`] : []),
      ...(dropped.length > 0 ? [`It runs without these options: ${oneLine(dropped.join(' '), 200)}.`] : []),
    ],
    missing: [],
    mounts: [],
    needsNode: true,
    initialize: initialize(placed, serve, replicas, account),
    prepare: `rm -f /services/${name}/data/mongod.lock`,
    command: `${serve([...replicas, ...(account ? ['--auth'] : []), ...key])} --bind_ip ${addresses}`,
    ready: `{ : <>/dev/tcp/${address}/${port}; }`,
    stopSignal: 'TERM',
  };
};

type Account = { user: string; password: string } | null;

/**
 * Runs the server without accounts, to create the account and the replica set. The account comes first,
 * because a server with a new replica set accepts no writes until it has elected itself.
 */
function initialize(
  { port }: PlacedService,
  serve: (more: readonly string[]) => string,
  replicas: readonly string[],
  account: Account,
): string {
  const run = (options: readonly string[], command: Record<string, MongoValue>) => [
    `{ clean_exec ${serve(['--bind_ip', '127.0.0.1', ...options])}; } & server=$!`,
    `result=0; ${sendMongoCommands(port, [command])} || result=1`,
    'kill -TERM "$server"; wait "$server" || true',
    '[ "$result" -eq 0 ]',
  ];
  const [, replicaSet] = replicas;
  const roles = [{ role: 'root', db: 'admin' }];
  const members = [{ _id: 0, host: `localhost:${port}` }];
  return [
    ...['mkdir data', 'head -c 96 /dev/urandom | base64 -w 0 >key', 'chmod 400 key'],
    ...(account ? run([], { createUser: account.user, pwd: account.password, roles }) : []),
    ...(replicaSet ? run(replicas, { replSetInitiate: { _id: replicaSet, members } }) : []),
  ].join('\n');
}

function readAccount({ variables, image }: PlacedService['service']): Account {
  const isBitnami = /bitnami/.test(image);
  const password = variables.MONGO_INITDB_ROOT_PASSWORD ?? (isBitnami ? variables.MONGODB_ROOT_PASSWORD : '');
  const user =
    variables.MONGO_INITDB_ROOT_USERNAME ?? (isBitnami ? (variables.MONGODB_ROOT_USER ?? 'root') : '');
  return user && password ? { user, password } : null;
}

function readOptions({ arguments: words }: PlacedService['service']) {
  const dropped: string[] = [];
  let replicaSet: string | null = null;
  const left = [...words];
  if (/(?:^|\/)mongod$/.test(left[0] ?? '')) left.shift();
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const [, option = '', value] = /^--([A-Za-z_]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (option === 'replSet') replicaSet = value ?? left.shift() ?? 'rs0';
    else if (/^(?:bind_ip|port|dbpath|keyFile|logpath|wiredTigerCacheSizeGB)$/.test(option)) {
      if (value === undefined) left.shift();
    } else if (!/^(?:bind_ip_all|auth|quiet|noauth|nojournal|journal|smallfiles|noprealloc)$/.test(option))
      dropped.push(word);
  }
  return { replicaSet: replicaSet !== null && /^[\w-]+$/.test(replicaSet) ? replicaSet : null, dropped };
}
