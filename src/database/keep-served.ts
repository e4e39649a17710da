import type { Pool } from 'pg';
import type { Log } from '../log.js';
import type { EmbeddedPostgres } from './embedded-postgres.js';

/** Between two looks; a run waits for a database that is away, so seconds are soon enough. */
const everyMs = 5000;

export interface Keeper {
  /** Resolves when nothing is being started any more. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded server again when it ended by itself: nobody else would, and everything else only waits for it. One
 * that cannot be started (a full disk) is tried again.
 */
export function keepServed(server: Pick<EmbeddedPostgres, 'revive'>, pool: Pool, log: Log): Keeper {
  let looking: Promise<void> | null = null;
  const look = async () => {
    // A server that answers, were it with a no, is there; asking pg_ctl each time would be a process each time.
    if (await pool.query('select 1').then(() => true, isAnswer)) return;
    if (await server.revive()) log.warn('the embedded Postgres had ended, and was started again');
  };
  const timer = setInterval(() => {
    looking ??= look()
      .catch((err: unknown) => log.error({ err }, 'the embedded Postgres could not be started again'))
      .finally(() => {
        looking = null;
      });
  }, everyMs);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}

/** What the server itself said has a severity; that nobody listens has none. */
function isAnswer(error: object): boolean {
  return 'severity' in error;
}
