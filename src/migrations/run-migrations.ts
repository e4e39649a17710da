import {
  DatabaseError,
  oneLine,
  runSql,
  type ScratchServer,
  type SqlTask,
  timeLeft,
} from '../databases/run-sql.js';
import type { FoundCommands } from './find/find-commands.js';
import type { SqlMigration } from './read-sql-migration.js';
import { splitSql } from './split-sql.js';
import { lastError, readLog, readStatements, type WatchedStatement } from './watch.js';

/** What one command, or the SQL of several files, did. */
export interface Applied {
  command: string | null;
  durationMs: number;
  /** Null if it succeeded. */
  error: string | null;
  /** The end of what a failed command printed. */
  output: string;
  statements: WatchedStatement[];
}

const maxOutput = 2000;

/** Runs a command of the repository, a number of times. A failure ends it. */
export async function runCommand(
  rehearsal: ScratchServer,
  { folder }: Pick<FoundCommands, 'folder'>,
  command: string,
  { times = 1, env }: { times?: number; env: Record<string, string> },
): Promise<Applied> {
  const { exitCode, ended, output, durationMs } = await rehearsal.sandbox.execute({
    script: 'for ((time = 0; time < $2; time++)); do (eval "$1") </dev/null || exit; done',
    args: [command, String(times)],
    cwd: folder === '' ? '/workspace' : `/workspace/${folder}`,
    env,
    services: true,
    timeoutMs: timeLeft(rehearsal),
  });
  if (ended === 'timeout') throw new DatabaseError('the time limit for the tests was reached');
  const log = await readLog(rehearsal);
  const code = ended === 'exited' ? `exit code ${exitCode}` : ended;
  const said = oneLine(lastError(log) ?? output.trim().split('\n').findLast(Boolean) ?? '');
  const isOk = exitCode === 0;
  return {
    command: withoutPrograms(command),
    durationMs,
    error: isOk ? null : said === '' ? code : `${said} (${code})`,
    output: isOk ? '' : output.slice(-maxOutput).toWellFormed(),
    statements: readStatements(log),
  };
}

/** The part before the semicolon only lets the shell find the programs of packages. */
function withoutPrograms(command: string): string {
  return command.replace(/^PATH="[^"]*"; /, '');
}

/** Runs SQL of files, each file in one transaction unless it says otherwise. */
export async function runSqlFiles(
  rehearsal: ScratchServer,
  database: string,
  files: readonly (Pick<SqlMigration, 'name'> & { sql: string })[],
): Promise<Applied> {
  const startedAt = Date.now();
  const tasks = files.flatMap(({ name, sql }) => toTasks(database, sql).map((task) => ({ name, task })));
  const results = await runSql(
    rehearsal,
    tasks.map(({ task }) => task),
  );
  const durationMs = Date.now() - startedAt;
  const failed = results.findIndex(({ error }) => error !== null);
  const message = results[failed]?.error?.message;
  return {
    command: null,
    durationMs,
    error: message === undefined ? null : `${tasks[failed]?.name}: ${oneLine(message)}`,
    output: '',
    statements: readStatements(await readLog(rehearsal)),
  };
}

/** Statements that cannot run in a transaction, and files that begin or refuse one. */
const needsNoTransaction =
  /\bconcurrently\b|\bvacuum\b|\bno transaction\b|transaction:\s*false|^\s*begin\s*;/im;

function toTasks(database: string, sql: string): SqlTask[] {
  const parts = needsNoTransaction.test(sql) ? splitSql(sql) : [sql];
  return parts.map((part) => ({ database, attempts: [part], isRequired: true }));
}
