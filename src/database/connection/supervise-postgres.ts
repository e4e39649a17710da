import type { Pool } from 'pg';
import type { Log } from '../../log.js';
import type { EmbeddedPostgres } from './embedded-postgres.js';

/**
 * Time between two checks of the server. Runs wait while the database is unavailable, so a delay of seconds
 * does no harm.
 */
const checkEveryMs = 5000;

export interface Supervisor {
  /** Stops the checks. Resolves when no check or restart is in progress anymore. */
  stop(): Promise<void>;
}

/**
 * Restarts the embedded Postgres when it has stopped unexpectedly, because no other program does that. If a
 * restart fails, for example because the disk is full, the next check tries again.
 */
export function supervisePostgres(
  server: Pick<EmbeddedPostgres, 'startIfStopped'>,
  pool: Pool,
  log: Log,
): Supervisor {
  let checking: Promise<void> | null = null;
  const check = async () => {
    // A query is cheaper than `pg_ctl`, which starts a process for each check. A server that answers is
    // running, even if it answers with an error.
    if (await pool.query('select 1').then(() => true, isAnswer)) return;
    if (await server.startIfStopped()) log.warn('the embedded Postgres had stopped and was restarted');
  };
  const timer = setInterval(() => {
    checking ??= check()
      .catch((err: unknown) => log.error({ err }, 'the embedded Postgres could not be restarted'))
      .finally(() => {
        checking = null;
      });
  }, checkEveryMs);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await checking;
    },
  };
}

/**
 * Returns whether the error is an answer from the server. Such an error has a severity. A connection error
 * has none.
 */
function isAnswer(error: object): boolean {
  return 'severity' in error;
}
