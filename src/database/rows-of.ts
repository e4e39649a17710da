import type { Pool } from 'pg';
import { explainDatabaseError } from './explain-database-error.js';

/**
 * How the stores ask the database.
 * @param database a pool, or a connection with a transaction
 * @throws RetryLater where the database is away
 */
export function rowsOf(database: Pick<Pool, 'query'>) {
  return async (sql: string, values: unknown[]) => {
    try {
      return (await database.query(sql, values.map(toStorable))).rows;
    } catch (error) {
      throw explainDatabaseError(error);
    }
  };
}

/** Postgres keeps neither NUL nor halves of surrogate pairs, and models, programs and cut texts have both. */
function toStorable(value: unknown): unknown {
  const clean = (part: unknown) =>
    typeof part === 'string' ? part.replaceAll('\0', '').toWellFormed() : part;
  // Postgres's own arrays, such as those of ids.
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null || value instanceof Date || Buffer.isBuffer(value))
    return clean(value);
  return JSON.stringify(value, (_, part) => clean(part));
}
