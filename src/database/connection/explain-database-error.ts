import { RetryLater } from '../../runs/retry-later.js';

/**
 * SQLSTATE codes of temporary errors: connection errors (08), insufficient resources (53), statement timeout
 * (57014), server shutting down or starting up (57P01 to 57P03), idle-session timeout (57P05),
 * idle-in-transaction timeout (25P03), database that accepts no connections (55000), serialization failures
 * and deadlocks (4000x, 40P01).
 */
const passing = /^(08...|53...|57014|57P0[1-3]|57P05|25P03|55000|40001|40003|40P01)$/;

const reasons: Record<string, string> = {
  53100: "the database's disk is full (53100)",
  53200: 'the database is out of memory (53200)',
  57014: 'the database is too slow (57014)',
};

/**
 * Returns RetryLater if the error means that the database is unavailable or out of resources. Such a state is
 * temporary, for example a restart, a failover, a full disk or an overloaded machine. Any other error is a
 * bug in Pullwright, and the function returns it unchanged.
 */
export function explainDatabaseError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof RetryLater) return error;
  const { code = '' } = error as { code?: string };
  const isUnavailable =
    passing.test(code) ||
    /^(ECONN|EPIPE|ENOENT|ETIMEDOUT|EAI_)/.test(code) ||
    /connection (?:terminated|timeout|timed out)|timeout exceeded when trying to connect/i.test(
      error.message,
    );
  if (!isUnavailable) return error;
  return new RetryLater(reasons[code] ?? `the database could not be reached (${code || error.message})`);
}
