import { readFileSync } from 'node:fs';
import { z } from 'zod';
import {
  DatabaseError,
  oneLine,
  runProgram,
  runSql,
  type ScratchServer,
  type SqlTask,
} from '../databases/run-sql.js';
import type { TestCommand } from '../evidence/commands/find-commands.js';
import { repeatedMoreThan } from '../evidence/query-evidence.js';
import { recordWindows } from '../evidence/record-windows.js';

const text = z.string();
const Recorded = z.object({
  /** The tests that were recorded, in the order in which they ran. */
  tests: z.array(
    z.object({
      file: text,
      /** The suites and the name of the test, joined by ` › `. */
      name: text,
      /** How many statements ran from its start to its end. This includes the hooks before each test. */
      statements: z.number(),
      /** The statements that ran more than `repeatedMoreThan` times, without those that insert rows. */
      repeated: z.array(z.object({ statement: text, times: z.number() })),
    }),
  ),
  /** Conditions on tables that no index serves, each with the first statement that has it. */
  unindexed: z.array(z.object({ file: text, name: text, statement: text, table: text, condition: text })),
});
/** The statements that Postgres ran for each test. */
export type Recorded = z.infer<typeof Recorded> & {
  /** The files whose tests could not be told apart. */
  unrecorded: string[];
  /** Why nothing was recorded, as a clause; null if something was. */
  fault: string | null;
};

const logName = 'pullwright-queries.log';
const reader = readFileSync(new URL('./read-log.cjs', import.meta.url), 'utf8');
const readTimeoutMs = 60_000;

/**
 * Settings of the server, for each session that starts after them. `auto_explain` writes each statement with
 * its plan to the log. Postgres then uses a sequential scan only where no index serves a condition, however
 * few rows the tables have.
 */
const settings = {
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_format': 'json',
  'auto_explain.log_verbose': 'on',
  enable_seqscan: 'off',
  // A disabled scan has an enormous cost, which would make Postgres compile every plan.
  jit: 'off',
  logging_collector: 'on',
  log_destination: 'stderr',
  log_directory: '.',
  log_filename: logName,
  log_rotation_age: '0',
  log_rotation_size: '0',
  log_line_prefix: '%n ',
  log_min_messages: 'log',
  log_error_verbosity: 'default',
  log_statement: 'none',
  lc_messages: 'C',
};

/**
 * Runs test files in a scratch copy, one after the other. Postgres records the statements of each test.
 * @param files paths relative to the repository's root
 */
export async function recordQueries(
  scratch: ScratchServer,
  tests: readonly TestCommand[],
  files: readonly string[],
): Promise<Recorded> {
  try {
    await prepareServer(scratch);
    return { ...(await recordFiles(scratch, tests, files)), fault: null };
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return { tests: [], unindexed: [], unrecorded: [], fault: error.message };
  }
}

async function recordFiles(
  scratch: ScratchServer,
  tests: readonly TestCommand[],
  files: readonly string[],
): Promise<Omit<Recorded, 'fault'>> {
  const recorded = await recordWindows(scratch.sandbox, tests, files, scratch.deadline);
  const windows = [...recorded].flatMap(([file, some]) => some?.map((one) => ({ file, ...one })) ?? []);
  windows.sort((one, other) => one.at - other.at);
  const unrecorded = files.filter((file) => !recorded.get(file));
  const log = `/services/${scratch.server.service}/data/${logName}`;
  // The tests can have used up their time. What they did is still in the log.
  const reading = { ...scratch, deadline: Date.now() + readTimeoutMs };
  const request = { log, windows, repeatedMoreThan };
  return { ...(await runProgram(reading, reader, request, Recorded)), unrecorded };
}

/** Changes the settings of the server in this copy. They apply when it starts for the next command. */
async function prepareServer(scratch: ScratchServer): Promise<void> {
  const inMaintenance = (sql: string): SqlTask => ({
    ...{ database: 'template1', attempts: [sql], isRequired: true },
  });
  const tasks = [
    // Postgres knows the settings of the library only after it is loaded.
    inMaintenance("load 'auto_explain'"),
    ...Object.entries(settings).map(([name, value]) =>
      inMaintenance(`alter system set ${name} = '${value}'`),
    ),
  ];
  const failed = (await runSql(scratch, tasks)).at(-1)?.error;
  if (failed) throw new DatabaseError(oneLine(failed.message));
  // Options of the repository's own service take precedence.
  const names = Object.keys(settings).map((name) => `'${name}'`);
  const sql = `load 'auto_explain'; select name, setting from pg_settings where name in (${names.join()})`;
  const [now] = await runSql(scratch, [inMaintenance(sql)]);
  for (const [name = '', setting = ''] of now?.rows ?? [])
    if (settings[name as keyof typeof settings] !== setting)
      throw new DatabaseError(`the repository's service sets ${name} to ${oneLine(setting ?? '')}`);
}
