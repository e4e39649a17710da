import { majorOf, type Program } from '../find-programs.js';
import type { ChooseServer, Machine, PlacedService, Server } from '../server.js';
import { oneLine, quoteAll } from '../shell.js';

/** What MySQL 8 checks by default. */
const mysqlMode =
  'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,' +
  'NO_ENGINE_SUBSTITUTION';

/** Options that decide where the server runs, what it loads and where it logs. */
const refused = new RegExp(
  '^(?:port|bind-address|socket|datadir|basedir|tmpdir|user|pid-file|log-.*|general-log.*|slow-query-log.*|' +
    'ssl.*|tls.*|require-secure-transport|plugin-.*|init-file|defaults-.*|secure-.*|skip-networking|console|' +
    'performance-schema.*|innodb-use-native-aio)$',
);
/** Refused options that Pullwright chooses itself. Nobody misses them. */
const isOurs =
  /^(?:port|bind-address|socket|datadir|basedir|tmpdir|user|pid-file|log-.*|general-log.*|slow-query-log.*|console|performance-schema.*|innodb-use-native-aio)$/;
/** Options of MySQL that MariaDB does not have. They have no effect on most clients. */
const onlyMysql = /^(?:default-authentication-plugin|authentication-policy|mysqlx.*|mysql-native-password)$/;

interface Choice extends Program {
  isMariaDb: boolean;
  /** The script that creates the data of MariaDB; null for MySQL. */
  install: string | null;
}

/**
 * Chooses a server for a service of the kinds `mysql` and `mariadb`. MariaDB stands in for MySQL, because
 * Debian has no MySQL.
 */
export const chooseMysql: ChooseServer = async (placed, machine) => {
  const { service } = placed;
  const servers = listServers(machine);
  const wantsMariaDb = service.kind === 'mariadb';
  const choice = servers.find(({ isMariaDb }) => isMariaDb === wantsMariaDb) ?? servers[0];
  if (!choice)
    return {
      unavailable:
        'The sandbox has no mysqld and no mariadbd. Install the Debian package mariadb-server on the server, ' +
        'or add a folder with MySQL to SANDBOX_TOOL_PATHS.',
    };
  return describeServer(placed, choice);
};

function listServers({ found: { programs } }: Machine): Choice[] {
  const install = [
    ...(programs.get('mariadb-install-db') ?? []),
    ...(programs.get('mysql_install_db') ?? []),
  ][0];
  return [...(programs.get('mariadbd') ?? []), ...(programs.get('mysqld') ?? [])].flatMap((program) => {
    const isMariaDb = /mariadb/i.test(program.versionLine);
    if (isMariaDb && !install) return [];
    return [{ ...program, isMariaDb, install: isMariaDb ? (install?.path ?? null) : null }];
  });
}

function describeServer(placed: PlacedService, choice: Choice): Server {
  const { service, name, address, port } = placed;
  const title = `${choice.isMariaDb ? 'MariaDB' : 'MySQL'} ${choice.version}`;
  const askedName = service.kind === 'mariadb' ? 'MariaDB' : 'MySQL';
  const asked = majorOf(service.version);
  const standsIn = choice.isMariaDb !== (service.kind === 'mariadb');
  const isOther = standsIn || (asked !== null && asked !== majorOf(choice.version));
  const { accepted, dropped } = readOptions(service.arguments, choice.isMariaDb);
  const addresses = address === '127.0.0.1' ? `${address}\${v6:+,$v6}` : address;
  const folder = `/services/${name}`;
  return {
    title,
    differences: [
      ...(isOther
        ? [`It stands in for ${askedName}${service.version ? ` ${oneLine(service.version, 20)}` : ''}.`]
        : []),
      ...(dropped.length > 0 ? [`It runs without these options: ${oneLine(dropped.join(' '), 200)}.`] : []),
    ],
    missing: [],
    mounts: [],
    needsNode: false,
    initialize: initialize(placed, choice),
    prepare: [
      `rm -f /tmp/${name}.sock.lock`,
      // Clients without a host look for /run/mysqld/mysqld.sock. The sandbox's /run/mysqld is /tmp.
      ...(address === '127.0.0.1' && name !== 'mysqld' ? [`ln -sfn ${name}.sock /tmp/mysqld.sock`] : []),
    ].join('; '),
    command:
      `${quoteAll([choice.path, `--defaults-file=${folder}/my.cnf`, `--port=${port}`])} ` +
      `--bind-address=${addresses} ${quoteAll(accepted)}`,
    // The server greets each client. The first byte is the length of the greeting.
    ready: [
      `exec 6<>/dev/tcp/${address}/${port} || return`,
      'greeting=',
      'read -rt 5 -n 1 -u 6 greeting',
      'exec 6>&-',
      '[ -n "$greeting" ]',
    ].join('; '),
    stopSignal: 'TERM',
  };
}

/** Initializes the data as the official images do. Then runs the server once, to create the accounts. */
function initialize({ service, name }: PlacedService, choice: Choice): string {
  const folder = `/services/${name}`;
  const defaults = `--defaults-file=${folder}/my.cnf`;
  const create = choice.install
    ? [choice.install, defaults, '--force', '--auth-root-authentication-method=normal', '--skip-test-db']
    : [choice.path, defaults, '--initialize-insecure'];
  return [
    `printf '%s\\n' ${quoteAll(settings(service.kind, folder, name, choice))} >my.cnf`,
    `clean ${quoteAll(create)}`,
    `printf '%s\\n' ${quoteAll(accounts(service))} >init.sql`,
    `clean ${quoteAll([choice.path, defaults, '--skip-networking', `--init-file=${folder}/init.sql`])}`,
    'rm -f init.sql',
  ].join('\n');
}

/** The data need not survive a crash of the machine, and many servers share one machine. */
function settings(kind: string, folder: string, name: string, { isMariaDb }: Choice): string[] {
  const standsIn = isMariaDb && kind === 'mysql';
  return [
    '[mysqld]',
    ...[`datadir=${folder}/data`, `socket=/tmp/${name}.sock`, `pid-file=${folder}/pid`, 'tmpdir=/tmp'],
    // Accounts apply to `%`, as with a server in another container.
    ...['skip-name-resolve', 'character-set-server=utf8mb4'],
    ...(standsIn ? ['collation-server=utf8mb4_unicode_520_ci', `sql-mode=${mysqlMode}`] : []),
    ...['loose-explicit-defaults-for-timestamp=ON', 'loose-log-bin-trust-function-creators=ON'],
    ...['innodb-buffer-pool-size=32M', 'loose-innodb-log-file-size=8M', 'loose-innodb-redo-log-capacity=8M'],
    ...['innodb-flush-log-at-trx-commit=2', 'innodb-doublewrite=0', 'loose-innodb-use-native-aio=0'],
    ...['innodb-buffer-pool-dump-at-shutdown=OFF', 'innodb-buffer-pool-load-at-startup=OFF'],
    ...[
      'loose-innodb-temp-data-file-path=ibtmp1:1M:autoextend',
      'innodb-data-file-path=ibdata1:4M:autoextend',
    ],
    'innodb-autoextend-increment=1',
    ...['loose-innodb-fast-shutdown=1', 'loose-aria-log-file-size=8M', 'performance-schema=OFF'],
    ...['skip-log-bin', 'loose-mysqlx=OFF', 'loose-skip-ssl', 'key-buffer-size=8M', 'log-warnings=1'].filter(
      (one) => isMariaDb || one !== 'log-warnings=1',
    ),
  ];
}

/** Returns the statements that create the accounts and the database, and then stop the server. */
function accounts({ variables, image }: PlacedService['service']): string[] {
  const read = (...names: string[]) => names.map((one) => variables[one]).find((value) => value);
  const prefix = ['MYSQL', 'MARIADB'];
  const of = (name: string) => read(...prefix.map((one) => `${one}_${name}`));
  const rootPassword = of('ROOT_PASSWORD') ?? '';
  const database = of('DATABASE');
  const user = of('USER');
  const password = of('PASSWORD') ?? '';
  const charset = /bitnami/.test(image) ? of('CHARACTER_SET') : undefined;
  const root = ["'root'@'localhost'", "'root'@'%'"];
  // The script that creates the data adds these, without passwords.
  const strangers = [
    "''@'localhost'",
    "''@'sandbox'",
    "'root'@'127.0.0.1'",
    "'root'@'::1'",
    "'root'@'sandbox'",
  ];
  return [
    ...strangers.map((account) => `DROP USER IF EXISTS ${account};`),
    ...root.flatMap((account) => [
      `CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY ${text(rootPassword)};`,
      `ALTER USER ${account} IDENTIFIED BY ${text(rootPassword)};`,
      `GRANT ALL PRIVILEGES ON *.* TO ${account} WITH GRANT OPTION;`,
    ]),
    ...(database
      ? [
          `CREATE DATABASE IF NOT EXISTS ${identifier(database)}${charset && /^\w+$/.test(charset) ? ` CHARACTER SET ${charset}` : ''};`,
        ]
      : []),
    ...(user && user !== 'root'
      ? [
          `CREATE USER IF NOT EXISTS ${text(user)}@'%' IDENTIFIED BY ${text(password)};`,
          ...(database
            ? [
                `GRANT ALL PRIVILEGES ON ${identifier(database).replace(/[_%]/g, '\\$&')}.* TO ${text(user)}@'%';`,
              ]
            : []),
        ]
      : []),
    'FLUSH PRIVILEGES;',
    'SHUTDOWN;',
  ];
}

/** Quotes a text for SQL. The server reads one statement per line. */
function text(value: string): string {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\n', '\\n');
  return `'${escaped}'`;
}

function identifier(name: string): string {
  return `\`${name.replace(/[\r\n]/g, ' ').replaceAll('`', '``')}\``;
}

/** Reads arguments such as `--max-connections=200`. An option that the server lacks has no effect. */
function readOptions(
  words: readonly string[],
  isMariaDb: boolean,
): { accepted: string[]; dropped: string[] } {
  const accepted: string[] = [];
  const dropped: string[] = [];
  for (const word of words) {
    const [, name = '', value] = /^--([a-z][\w-]*)(?:=(.*))?$/is.exec(word) ?? [];
    const option = name
      .toLowerCase()
      .replaceAll('_', '-')
      .replace(/^loose-/, '');
    if (option === '') {
      if (!/(?:^|\/)(?:mysqld|mariadbd)$/.test(word)) dropped.push(word);
    } else if (
      (isMariaDb && (onlyMysql.test(option) || /_0900_/.test(value ?? ''))) ||
      (refused.test(option) && !isOurs.test(option))
    )
      dropped.push(word);
    else if (!refused.test(option))
      accepted.push(`--loose-${option}${value === undefined ? '' : `=${value}`}`);
  }
  return { accepted, dropped };
}
