import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { TestCommand } from '../evidence/commands/find-commands.js';
import { repeatedMoreThan } from '../evidence/query-evidence.js';
import { recordStarts } from '../evidence/record-starts.js';
import { oneLine, RehearsalError, readJson, runSql, type SqlTask } from '../migrations/database.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { DatabaseServer } from '../workspace/provision.js';

const text = z.string();
const Recorded = z.object({
  /** The tests that were recorded, in the order in which they ran. */
  tests: z.array(
    z.object({
      file: text,
      /** The suites and the name of the test, joined by ` › `. */
      name: text,
      /** How many statements ran from its start to the start of the next one, hooks included. */
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
  /** The files whose tests could not be recorded. */
  unrecorded: string[];
};

export interface RecordOptions {
  sandbox: Sandbox;
  server: DatabaseServer;
  tests: readonly TestCommand[];
  /** The test files to run, relative to the repository's root. */
  files: readonly string[];
  /** The time at which everything must have ended, as `Date.now()` counts it. */
  deadline: number;
}

const logName = 'pullwright-queries.log';
const reader = readFileSync(new URL('./read-log.cjs', import.meta.url), 'utf8');
const readerScript = `cd / && exec /usr/bin/env -i /opt/pullwright/node -e "$1"`;
const minRestMs = 1000;

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
 * Runs test files one by one in a scratch copy, and lets Postgres record the statements of each test.
 * @throws RehearsalError if the server cannot record them
 */
export async function recordQueries(options: RecordOptions): Promise<Recorded> {
  const { sandbox, server, tests, files, deadline } = options;
  await prepareServer(options);
  const windows: { file: string; name: string; at: number; until: number }[] = [];
  const unrecorded: string[] = [];
  for (const file of files) {
    const restMs = deadline - Date.now();
    const recorded = restMs < minRestMs ? null : await recordStarts(sandbox, tests, file, restMs);
    if (!recorded) unrecorded.push(file);
    const endedAt = Date.now();
    for (const { name, at, until } of recorded ?? [])
      windows.push({ file, name, at, until: Math.min(until, endedAt) });
  }
  const log = `/services/${server.service}/data/${logName}`;
  const { stdout } = await sandbox.execute({
    ...{ script: readerScript, args: [reader], timeoutMs: 60_000, maxOutputBytes: 16 * 1024 * 1024 },
    stdin: JSON.stringify({ log, windows, repeatedMoreThan }),
  });
  return { ...readJson(Recorded, stdout), unrecorded };
}

/** Changes the settings of the server in this copy. They apply when it starts for the next command. */
async function prepareServer({ sandbox, server, deadline }: RecordOptions): Promise<void> {
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
  const failed = (await runSql({ sandbox, server, deadline }, tasks)).at(-1)?.error;
  if (failed) throw new RehearsalError(`it said: ${oneLine(failed.message)}`);
  // Options of the repository's own service take precedence.
  const names = Object.keys(settings).map((name) => `'${name}'`);
  const sql = `load 'auto_explain'; select name, setting from pg_settings where name in (${names.join()})`;
  const [now] = await runSql({ sandbox, server, deadline }, [inMaintenance(sql)]);
  for (const [name = '', setting = ''] of now?.rows ?? [])
    if (settings[name as keyof typeof settings] !== setting)
      throw new RehearsalError(`its service sets ${name} to ${oneLine(setting ?? '')}`);
}
