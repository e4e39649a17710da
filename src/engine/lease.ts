import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Pool } from 'pg';
import { explainDatabaseError } from '../database/explain-database-error.js';
import type { Log } from '../log.js';
import { applicationVersion } from './application-version.js';

/** This worker was taken for dead, and its runs were given to others: nothing may be written any more. */
export class Fenced extends Error {
  override name = 'Fenced';
  constructor() {
    super('this worker was silent for too long, and others took its runs over');
  }
}

/** The right of this process to work on runs; kept up by a heartbeat. */
export interface WorkerLease {
  /**
   * To be called before everything that leaves a trace. Asks the database only when the last heartbeat is not fresh:
   * then this process was frozen, or the database away.
   * @throws Fenced; RetryLater while the database is away
   */
  confirm(): Promise<void>;
  /** For how long heartbeats have been taken without a break, in milliseconds. */
  steadyMs(): number;
  /** Resolves when the lease is lost. */
  lost: Promise<void>;
  isLost(): boolean;
  /** Ends the heartbeat; others may take over at once. */
  release(): Promise<void>;
}

/**
 * Enters the worker. An older process with the same id, should there still be one, has lost its lease by that.
 * @param deadAfterMs a worker that was not heard of for so long is dead to the others
 */
export async function takeLease(pool: Pool, id: string, deadAfterMs: number, log: Log): Promise<WorkerLease> {
  const beatMs = deadAfterMs / 6;
  /** For so long after a heartbeat nobody can have taken this worker for dead. */
  const freshMs = deadAfterMs / 2;
  const epoch = randomUUID();
  await pool.query(
    `insert into pullwright.workers (id, epoch, host, version) values ($1, $2, $3, $4)
     on conflict (id) do update set epoch = excluded.epoch, host = excluded.host, version = excluded.version,
       started_at = now(), beat_at = now()`,
    [id, epoch, hostname(), applicationVersion],
  );
  let beatAt = readClocks();
  let steadySince = beatAt;
  let fenced = false;
  let tellLost = () => {};
  const lost = new Promise<void>((resolve) => {
    tellLost = resolve;
  });

  const beat = async () => {
    // Before the question, not after: the answer may be late.
    const at = readClocks();
    const sql = 'update pullwright.workers set beat_at = now() where id = $1 and epoch = $2';
    const { rowCount } = await pool.query(sql, [id, epoch]).catch((error) => {
      throw explainDatabaseError(error);
    });
    if (rowCount === 0) {
      fenced = true;
      tellLost();
      throw new Fenced();
    }
    if (age(beatAt) > freshMs) steadySince = at;
    beatAt = at;
  };
  const timer = setInterval(() => {
    beat().catch((error) => log.warn({ err: error }, 'the heartbeat was not taken'));
  }, beatMs);
  timer.unref();

  return {
    lost,
    isLost: () => fenced,
    steadyMs: () => (age(beatAt) > freshMs ? 0 : age(steadySince)),
    confirm: async () => {
      if (fenced) throw new Fenced();
      if (age(beatAt) > freshMs) await beat();
    },
    release: async () => {
      clearInterval(timer);
      await pool.query('delete from pullwright.workers where id = $1 and epoch = $2', [id, epoch]);
    },
  };
}

/** The one stands still while the machine sleeps, the other jumps when it is set: the larger difference counts. */
function readClocks() {
  return { steady: performance.now(), wall: Date.now() };
}

function age(since: ReturnType<typeof readClocks>): number {
  const now = readClocks();
  return Math.max(now.steady - since.steady, now.wall - since.wall);
}

/** A pool that asks for leave before each query: a worker that was taken for dead writes nothing more. */
export function fenced(pool: Pool, confirm: WorkerLease['confirm']): Pick<Pool, 'query'> {
  return {
    query: (async (sql: string, values: unknown[]) => {
      await confirm();
      return pool.query(sql, values);
    }) as Pool['query'],
  };
}
