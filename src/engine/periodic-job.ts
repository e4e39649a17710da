import type { Pool, PoolClient } from 'pg';
import type { Log } from '../log.js';

export interface PeriodicJob {
  /** Stops the job, and resolves when the current execution has ended. */
  stop(): Promise<void>;
}

export interface JobOptions {
  /** Identifies the job in the log and among all workers that share the database. */
  name: string;
  everyMs: number;
  pool: Pool;
  log: Log;
  /** MUST end soon after `signal` is aborted. */
  run: (signal: AbortSignal) => Promise<void>;
}

/**
 * Runs a job at once and then at regular intervals. Of all workers that share the database, only one runs it
 * at a time. A failure is logged, and the next interval tries again.
 */
export function startPeriodicJob({ name, everyMs, pool, log, run }: JobOptions): PeriodicJob {
  const stopping = new AbortController();
  const { signal } = stopping;
  let isFirst = true;
  let running: Promise<void> | null = null;
  const start = () => {
    // The job may take longer than its interval.
    if (running || signal.aborted) return;
    // The job always runs at the start, because this process does not know what was missed before.
    running = runInOneWorker(pool, name, isFirst ? 0 : everyMs / 2, () => run(signal))
      .catch((error: unknown) => {
        if (!signal.aborted) log.warn({ job: name, err: error }, 'a periodic job failed; it will run again');
      })
      .finally(() => {
        running = null;
      });
    isFirst = false;
  };
  const timer = setInterval(start, everyMs);
  timer.unref();
  start();
  return {
    stop: async () => {
      clearInterval(timer);
      stopping.abort();
      await running;
    },
  };
}

/** When a worker freezes during a job, the others may run the job after this long. */
const maxSilenceMs = 30_000;

/**
 * Runs `body` unless another worker is running the job, or started it less than `pauseMs` ago. When the
 * connection breaks, its lock is gone, and another worker may run the job at the same time.
 */
async function runInOneWorker(
  pool: Pool,
  name: string,
  pauseMs: number,
  body: () => Promise<void>,
): Promise<void> {
  const client = await pool.connect();
  let keepAlive: NodeJS.Timeout | undefined;
  client.on('error', ignore);
  try {
    const { rows } = await client.query<{ acquired: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as acquired',
      [`job ${name}`],
    );
    if (!rows[0]?.acquired) return;
    // The lock ends with the connection. A frozen worker sends no more queries, so Postgres ends its
    // connection.
    await client.query(`set idle_session_timeout = ${maxSilenceMs}`);
    keepAlive = setInterval(() => void client.query('select 1').catch(ignore), maxSilenceMs / 3);
    if (await isDue(client, name, pauseMs)) await body();
  } finally {
    clearInterval(keepAlive);
    client.removeListener('error', ignore);
    // Close the connection instead of returning it to the pool: that ends the lock, whatever state it is in.
    client.release(true);
  }
}

const ignore = () => {};

async function isDue(client: PoolClient, name: string, pauseMs: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into pullwright.watermarks as m (name, at) values ($1, now())
     on conflict (name) do update set at = now() where m.at <= now() - make_interval(secs => $2)`,
    [`job ${name}`, pauseMs / 1000],
  );
  return rowCount === 1;
}
