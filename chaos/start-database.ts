import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../src/database/connection/embedded-postgres.js';

/** `fast` is an orderly shutdown. `immediate` is a crash, and Postgres recovers from it at the next start. */
export type RestartMode = 'fast' | 'immediate';

/** A Postgres server that only the chaos test uses. The test can therefore restart it at any time. */
export interface ChaosDatabase {
  url: string;
  restart(mode: RestartMode): Promise<void>;
  restarts: number;
  /**
   * Number of times that a restart has begun or ended. It is even while the database is up. If two reads
   * return the same even number, the database was up all the time between them.
   */
  changes: number;
  stop(): Promise<void>;
}

export async function startDatabase(folder: string): Promise<ChaosDatabase> {
  let postgres: EmbeddedPostgres = await startEmbeddedPostgres(folder);
  let restarting = Promise.resolve();
  let stopped = false;
  const restart = async (mode: RestartMode) => {
    if (stopped) throw new Error('the database was stopped for good');
    database.changes += 1;
    if (mode === 'fast') await postgres.stop();
    else await crash(path.join(folder, 'data'));
    postgres = await startEmbeddedPostgres(folder);
    database.changes += 1;
    database.restarts += 1;
  };
  const database: ChaosDatabase = {
    url: postgres.url,
    restarts: 0,
    changes: 0,
    restart: (mode) => {
      restarting = restart(mode);
      return restarting;
    },
    stop: async () => {
      stopped = true;
      // Ignore the error here, because the caller of `restart` gets it.
      await restarting.catch(() => {});
      await postgres.stop();
    },
  };
  return database;
}

/** Ends Postgres with SIGQUIT, which makes it exit without an orderly shutdown. */
async function crash(data: string): Promise<void> {
  const pid = Number((await readFile(path.join(data, 'postmaster.pid'), 'utf8')).split('\n')[0]);
  process.kill(pid, 'SIGQUIT');
  while (isAlive(pid)) await pause(20);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
