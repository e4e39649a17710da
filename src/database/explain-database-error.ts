import { RetryLater } from '../runs/retry-later.js';

/**
 * Postgres: connection exceptions; no disk, memory or connection left; shutting or starting up, a statement that took too
 * long; a database that takes no connections; a transaction that was in another's way, or of a process that was frozen. DBOS waits for the first three too.
 */
const passing = /^(08...|53...|57014|57P0[1-3]|57P05|25P03|55000|40001|40003|40P01)$/;

const words: Record<string, string> = {
  53100: "the database's disk is full (53100)",
  53200: 'the database has no memory left (53200)',
  57014: 'the database is too slow (57014)',
};

/**
 * A database that is away or has no room (a restart, a fail-over, a full disk, a machine that is too busy to answer) is
 * waited for; everything else is a fault of ours.
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
  if (!away) return error;
  return new RetryLater(words[code] ?? `the database could not be reached (${code || error.message})`);
}
