import type { Pool, PoolClient } from 'pg';
import type { Log } from '../log.js';

export interface PeriodicJob {
  /** Starts no further round, and resolves when the one that is going on has ended. */
  stop(): Promise<void>;
}

/**
 * Does something at once and then every so often, in one worker at a time of all that share the database. A round that
 * fails is logged, and tried again when its time comes.
 */
export function startPeriodicJob(options: {
  /** For messages, and what workers agree by. */
  name: string;
  everyMs: number;
  pool: Pool;
  log: Log;
  /** Has to end soon when `signal` is aborted. */
  round: (signal: AbortSignal) => Promise<void>;
}): PeriodicJob {
  const { name, everyMs, pool, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let isFirst = true;
  let going: Promise<void> | null = null;
  const go = () => {
    // A round may take longer than the time between two.
    if (going || signal.aborted) return;
    going = whenMine(pool, { name, pauseMs: isFirst ? 0 : everyMs / 2 }, () => options.round(signal))
      .catch((error: unknown) => {
        if (!signal.aborted) log.warn({ job: name, err: error }, 'a round failed; it is tried again');
      })
      .finally(() => {
        going = null;
      });
    isFirst = false;
  };
  const timer = setInterval(go, everyMs);
  timer.unref();
  go();
  return {
    stop: async () => {
      clearInterval(timer);
      stopping.abort();
      await going;
    },
  };
}

/** A worker that is frozen in the middle of a round leaves it to the others after this. */
const mostSilentMs = 30_000;

/** @param pauseMs not when another worker did it within this time; at a start always: who knows what was missed */
async function whenMine(
  pool: Pool,
  { name, pauseMs }: { name: string; pauseMs: number },
  body: () => Promise<void>,
): Promise<void> {
  const client = await pool.connect();
  let sign: NodeJS.Timeout | undefined;
  // A connection that breaks ends the lock; what the round does may be done twice.
  client.on('error', ignore);
  try {
    const { rows } = await client.query<{ mine: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as mine',
      [`watch ${name}`],
    );
    if (!rows[0]?.mine) return;
    // With the connection goes the lock; a round lets itself be heard, however long it takes.
    await client.query(`set idle_session_timeout = ${mostSilentMs}`);
    // Where it is gone, another worker may do the round as well.
    sign = setInterval(() => void client.query('select 1').catch(ignore), mostSilentMs / 3);
    if (await isTime(client, name, pauseMs)) await body();
  } finally {
    clearInterval(sign);
    client.removeListener('error', ignore);
    // Not back into the pool: with the connection goes the lock, whatever state it is in.
    client.release(true);
  }
}

const ignore = () => {};

async function isTime(client: PoolClient, name: string, pauseMs: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into pullwright.watermarks as m (name, at) values ($1, now())
     on conflict (name) do update set at = now() where m.at <= now() - make_interval(secs => $2)`,
    [`watch ${name}`, pauseMs / 1000],
  );
  return rowCount === 1;
}
