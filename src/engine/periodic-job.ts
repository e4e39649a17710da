import type { Pool, PoolClient } from 'pg';
import type { Log } from '../log.js';

export interface PeriodicJob {
  /** Stops the job. Resolves when the current execution has ended. */
  stop(): Promise<void>;
}

export interface JobOptions {
  /** The job's name in the log. Workers that share the database recognize the same job by this name. */
  name: string;
  everyMs: number;
  pool: Pool;
  log: Log;
  /** The job itself. It MUST end soon after `signal` is aborted. */
  run: (signal: AbortSignal) => Promise<void>;
}

/**
 * Runs a job at once and then at regular intervals. If several workers share the database, only one of them
 * runs the job at a time. A failure is logged, and the job runs again at the next interval.
 */
export function startPeriodicJob({ name, everyMs, pool, log, run }: JobOptions): PeriodicJob {
  const stopping = new AbortController();
  const { signal } = stopping;
  let isFirst = true;
  let running: Promise<void> | null = null;
  const start = () => {
    // The previous execution may still be running, because a job can take longer than its interval.
    if (running || signal.aborted) return;
    // The first execution is always due, because events may have been missed before this process started.
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

/** If a worker freezes during a job, other workers can run the job after this time. */
const maxSilenceMs = 30_000;

/**
 * Runs `body`. Does nothing if (1) another worker is running the job, or (2) the job last started less than
 * `pauseMs` ago. A Postgres lock prevents other workers from running the job at the same time. If the
 * connection breaks, Postgres releases the lock. Another worker can then start the job while `body` still
 * runs here.
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
    // A frozen worker sends no queries. After this timeout, Postgres closes the worker's connection, which
    // releases the lock.
    await client.query(`set idle_session_timeout = ${maxSilenceMs}`);
    keepAlive = setInterval(() => void client.query('select 1').catch(ignore), maxSilenceMs / 3);
    if (await isDue(client, name, pauseMs)) await body();
  } finally {
    clearInterval(keepAlive);
    client.removeListener('error', ignore);
    // Close the connection instead of returning it to the pool. Closing it releases the lock in any case.
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
