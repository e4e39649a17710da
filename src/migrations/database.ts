import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { DatabaseServer } from '../workspace/provision.js';

/** SQL to run in one database. */
export interface SqlTask {
  database: string;
  /** Texts of SQL. The first one that succeeds counts, and the ones after it do not run. */
  attempts: readonly string[];
  /** Whether no further task runs if all attempts fail. */
  isRequired?: boolean;
  /** Whether the first column contains texts of SQL. They run next, and their rows are the result. */
  makesSql?: boolean;
}

const SqlResult = z.object({
  /** The rows of all statements, with the values as texts. */
  rows: z.array(z.array(z.string().nullable())),
  /** Why the last attempt failed; null if one succeeded. The server writes this text. */
  error: z.object({ message: z.string() }).nullable(),
  /** Index of the attempt that succeeded. */
  attempt: z.number(),
});
export type SqlResult = z.infer<typeof SqlResult>;

/** A rehearsal cannot go on. The message says why, as a clause. */
export class RehearsalError extends Error {}

/** A database server in a scratch copy, with the time that is left. */
export interface Rehearsal {
  sandbox: Sandbox;
  server: DatabaseServer;
  /** The time at which everything must have ended, as `Date.now()` counts it. */
  deadline: number;
}

const client = readFileSync(new URL('./sql-client.cjs', import.meta.url), 'utf8');
// Variables of the repository must not change how the client works.
const clientScript = `cd / && exec /usr/bin/env -i /opt/pullwright/node -e "$1"`;

/** @throws RehearsalError if no time is left */
export function timeLeft({ deadline }: Rehearsal): number {
  const left = deadline - Date.now();
  if (left <= 0) throw new RehearsalError('the time limit for the tests was reached');
  return left;
}

/**
 * Runs SQL as the superuser, one task after the other. Nothing else runs in the sandbox meanwhile.
 * @returns one result per task that ran
 * @throws RehearsalError if the server or the client cannot run
 */
export async function runSql(rehearsal: Rehearsal, tasks: readonly SqlTask[]): Promise<SqlResult[]> {
  if (tasks.length === 0) return [];
  const { socket, user } = rehearsal.server;
  const { exitCode, ended, stdout, stderr } = await rehearsal.sandbox.execute({
    script: clientScript,
    args: [client],
    stdin: JSON.stringify({ socket, user, tasks }),
    services: true,
    timeoutMs: timeLeft(rehearsal),
  });
  if (exitCode === 0) return readJson(z.array(SqlResult), stdout);
  const reason = ended === 'exited' ? oneLine(stderr.slice(-300)) || `exit code ${exitCode}` : ended;
  throw new RehearsalError(`the database server could not be asked (${reason})`);
}

/**
 * Reads what came out of the sandbox. Code of a migration can live on in the database.
 * @throws RehearsalError if it is not of this form
 */
export function readJson<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    throw new RehearsalError('the database server gave an answer that Pullwright does not understand');
  }
}

const maxClause = 500;

/** Returns a text of a program as one line, to be part of a sentence. */
export function oneLine(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, maxClause)
    .toWellFormed();
}

/**
 * Runs one text of SQL.
 * @throws RehearsalError if it fails
 */
export async function query(
  rehearsal: Rehearsal,
  database: string,
  sql: string,
): Promise<(string | null)[][]> {
  const [result] = await runSql(rehearsal, [{ database, attempts: [sql] }]);
  if (!result || result.error) throw new RehearsalError(`a query failed (${result?.error?.message})`);
  return result.rows;
}

/** Quotes a name for SQL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a text for SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
