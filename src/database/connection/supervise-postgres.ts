import type { Pool } from 'pg';
import type { Log } from '../../log.js';
import type { EmbeddedPostgres } from './embedded-postgres.js';

/** How often the server is checked. A run waits for an unavailable database, so a few seconds do no harm. */
const checkEveryMs = 5000;

export interface Supervisor {
  /** Stops checking, and resolves when no start of the server is in progress. */
  stop(): Promise<void>;
}

/**
 * Restarts the embedded server when it has ended by itself, because nobody else would. When a restart fails,
 * for example because the disk is full, the next check tries again.
 */
export function supervisePostgres(
  server: Pick<EmbeddedPostgres, 'startIfStopped'>,
  pool: Pool,
  log: Log,
): Supervisor {
  let checking: Promise<void> | null = null;
  const check = async () => {
    // Asking `pg_ctl` on every check would start a process each time. A server that answers, even with an
    // error, runs.
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

/** Errors that the server sends have a severity; errors of the connection have none. */
function isAnswer(error: object): boolean {
  return 'severity' in error;
}
