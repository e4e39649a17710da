import { RetryLater } from './retry-later.js';

/** Postgres: connection exceptions, shutting or starting up, too many connections, a database that takes none. */
const passing = /^(08...|57P0[1-3]|53300|55000)$/;

/**
 * A database that is away (a restart, a fail-over, a machine that is too busy to answer) is waited for; everything
 * else is a fault of ours.
 */
export function explainDatabaseError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code = '' } = error as { code?: string };
  const away =
    passing.test(code) ||
    /^(ECONN|EPIPE|ENOENT|ETIMEDOUT|EAI_)/.test(code) ||
    /connection (?:terminated|timeout|timed out)|timeout exceeded when trying to connect/i.test(
      error.message,
    );
  return away ? new RetryLater(`the database could not be reached (${code || error.message})`) : error;
}
