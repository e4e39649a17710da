import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Pool } from 'pg';
import { type Queryable, rowsOf } from '../database/queryable.js';
import type { Log } from '../log.js';
import { applicationVersion } from './application-version.js';

/**
 * Thrown if this worker has lost its lease. The worker MUST NOT write anything more, because other workers
 * continue its runs.
 */
export class Fenced extends Error {
  override name = 'Fenced';
  constructor() {
    super('this worker missed its heartbeats for too long, and other workers took over its runs');
  }
}

/** The right of this process to work on runs. A heartbeat in Postgres renews it. */
export interface WorkerLease {
  /**
   * Checks that this worker still has its lease. MUST be called before every write to Postgres or GitHub.
   * Queries the database only if the last heartbeat is old. This happens if this process was frozen or the
   * database was unavailable.
   * @throws Fenced when the lease is lost; RetryLater when the database is unavailable
   */
  confirm(): Promise<void>;
  /** Returns for how many milliseconds the heartbeat has succeeded without interruption. */
  steadyMs(): number;
  /** Resolves when the lease is lost. */
  lost: Promise<void>;
  isLost(): boolean;
  /** Ends the heartbeat and the lease, so that other workers can take over the runs at once. */
  release(): Promise<void>;
}

/**
 * Registers this process as the worker `id`. If an older process has the same id, that process loses its
 * lease.
 * @param deadAfterMs other workers consider a worker dead after this many milliseconds without a heartbeat
 */
export async function takeLease(pool: Pool, id: string, deadAfterMs: number, log: Log): Promise<WorkerLease> {
  const beatEveryMs = deadAfterMs / 6;
  /** While the last heartbeat is younger than this, other workers cannot consider this worker dead. */
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
  let isLost = false;
  let resolveLost = () => {};
  const lost = new Promise<void>((resolve) => {
    resolveLost = resolve;
  });

  const beat = async () => {
    // Read the clocks before the query, because its answer can arrive late. If the clocks were read after the
    // answer, the heartbeat would look newer than it is in Postgres.
    const at = readClocks();
    const sql = 'update pullwright.workers set beat_at = now() where id = $1 and epoch = $2 returning id';
    if ((await rowsOf(pool, sql, [id, epoch])).length === 0) {
      isLost = true;
      resolveLost();
      throw new Fenced();
    }
    if (age(beatAt) > freshMs) steadySince = at;
    beatAt = at;
  };
  const timer = setInterval(() => {
    beat().catch((error) => log.warn({ err: error }, 'the heartbeat of this worker failed'));
  }, beatEveryMs);
  timer.unref();

  return {
    lost,
    isLost: () => isLost,
    steadyMs: () => (age(beatAt) > freshMs ? 0 : age(steadySince)),
    confirm: async () => {
      if (isLost) throw new Fenced();
      if (age(beatAt) > freshMs) await beat();
    },
    release: async () => {
      clearInterval(timer);
      await pool.query('delete from pullwright.workers where id = $1 and epoch = $2', [id, epoch]);
    },
  };
}

/**
 * Reads two clocks, because each can be wrong. The monotonic clock stops while the machine sleeps. The wall
 * clock jumps when someone sets it.
 */
function readClocks() {
  return { monotonic: performance.now(), wall: Date.now() };
}

/** Returns the elapsed milliseconds, measured by the clock that advanced further. */
function age(since: ReturnType<typeof readClocks>): number {
  const now = readClocks();
  return Math.max(now.monotonic - since.monotonic, now.wall - since.wall);
}

/** Wraps a pool so that each query first confirms the lease. A worker without a lease then writes nothing. */
export function fenced(pool: Pool, confirm: WorkerLease['confirm']): Queryable {
  return {
    query: (async (sql: string, values: unknown[]) => {
      await confirm();
      return pool.query(sql, values);
    }) as Pool['query'],
  };
}
