import type { Pool, QueryResultRow } from 'pg';
import { explainDatabaseError } from './connection/explain-database-error.js';

/** A connection pool, or one connection inside a transaction. */
export type Queryable = Pick<Pool, 'query'>;

/**
 * Runs one SQL statement. Objects among the values are sent as JSON. The function removes NUL characters and
 * replaces lone surrogates in all strings, because Postgres cannot store them. Models, programs and truncated
 * texts produce such characters.
 * @returns the rows of the result, with the columns as `pg` parses them
 * @throws RetryLater when the database is unavailable
 */
export async function rowsOf<Row extends QueryResultRow = QueryResultRow>(
  db: Queryable,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  try {
    return (await db.query<Row>(sql, values.map(toStorable))).rows;
  } catch (error) {
    throw explainDatabaseError(error);
  }
}

function toStorable(value: unknown): unknown {
  const clean = (part: unknown) =>
    typeof part === 'string' ? part.replaceAll('\0', '').toWellFormed() : part;
  // Do not convert an array, such as a list of ids, to JSON. `pg` sends it as a Postgres array.
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null || value instanceof Date || Buffer.isBuffer(value))
    return clean(value);
  return JSON.stringify(value, (_, part) => clean(part));
}
