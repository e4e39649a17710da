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

/** What Pullwright wanted to do with a database is not possible. The message says why, as a clause. */
export class DatabaseError extends Error {}

/** A database server in a scratch copy, with the time that is left. */
export interface ScratchServer {
  sandbox: Sandbox;
  server: DatabaseServer;
  /** The time at which everything must have ended, as `Date.now()` counts it. */
  deadline: number;
}

const client = readFileSync(new URL('./sql-client.cjs', import.meta.url), 'utf8');

/** @throws DatabaseError if no time is left */
export function timeLeft({ deadline }: ScratchServer): number {
  const left = deadline - Date.now();
  if (left <= 0) throw new DatabaseError('the time limit for the tests was reached');
  return left;
}

/**
 * Runs SQL as the superuser, one task after the other. Nothing else runs in the sandbox meanwhile.
 * @returns one result per task that ran
 * @throws DatabaseError if the server or the client cannot run
 */
export async function runSql(scratch: ScratchServer, tasks: readonly SqlTask[]): Promise<SqlResult[]> {
  if (tasks.length === 0) return [];
  const { socket, user } = scratch.server;
  return runProgram(scratch, client, { socket, user, tasks }, z.array(SqlResult), { services: true });
}

// Variables of the repository must not change how the program works.
const programScript = 'cd / && exec /usr/bin/env -i /opt/pullwright/node -e "$1"';
const maxOutputBytes = 16 * 1024 * 1024;

/**
 * Runs a program of Pullwright in Node in a scratch copy.
 * @param program source code that reads the request from stdin, and prints the result as JSON
 * @throws DatabaseError if the program fails, or if its result is not of this form
 */
export async function runProgram<Schema extends z.ZodType>(
  scratch: ScratchServer,
  program: string,
  request: object,
  result: Schema,
  { services = false } = {},
): Promise<z.output<Schema>> {
  const { exitCode, ended, stdout, stderr } = await scratch.sandbox.execute({
    ...{ script: programScript, args: [program], stdin: JSON.stringify(request) },
    ...{ services, timeoutMs: timeLeft(scratch), maxOutputBytes },
  });
  if (exitCode === 0) return readJson(result, stdout);
  const reason = ended === 'exited' ? oneLine(stderr.slice(-300)) || `exit code ${exitCode}` : ended;
  throw new DatabaseError(`the database server could not be asked (${reason})`);
}

/**
 * Reads what came out of the sandbox. Code of a migration can live on in the database.
 * @throws DatabaseError if it is not of this form
 */
export function readJson<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    throw new DatabaseError('the database server gave an answer that Pullwright does not understand');
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
 * @throws DatabaseError if it fails
 */
export async function query(
  scratch: ScratchServer,
  database: string,
  sql: string,
): Promise<(string | null)[][]> {
  const [result] = await runSql(scratch, [{ database, attempts: [sql] }]);
  if (!result || result.error) throw new DatabaseError(`a query failed (${result?.error?.message})`);
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
