import { z } from 'zod';
import { DatabaseError, readJson, type ScratchServer, type SqlTask, timeLeft } from '../databases/run-sql.js';
import { splitSql } from './split-sql.js';

/*
 * Postgres itself records what migrations do, whatever tool runs them: event triggers see each command that
 * changes the schema, the locks it holds at its end, and each table that it rewrites. They write to the log
 * of the server, because a row in a table would be lost if the migration's transaction fails.
 */

/** The schema of the event triggers. It is no part of the repository's schema. */
export const watchSchema = 'pullwright_watch';
const mark = 'pullwright-watch';

/** A statement that changed the schema, as Postgres recorded it. */
export interface WatchedStatement {
  /** The statement, or the whole text that contains it. */
  sql: string;
  tag: string;
  /** Ids of tables, with the locks that the statement's transaction held on them when it ended. */
  locks: { table: string; mode: string }[];
  /** Ids of the tables that it rewrote. */
  rewrites: string[];
  /** Null if it failed. */
  durationMs: number | null;
}

const trigger = (name: string, body: string) => `
create or replace function ${watchSchema}.${name}() returns event_trigger
language plpgsql security definer set search_path = pg_catalog as $watch$
begin
  raise log '${mark} %', json_build_object('event', '${name}', 'at', extract(epoch from clock_timestamp()) * 1000,
    'session', pg_backend_pid() || ' ' || transaction_timestamp(), 'tag', tg_tag, ${body});
-- The watch must not make a migration fail.
exception when others then null;
end $watch$;`;

/** The locks that keep others from writing or from changing the schema, the weakest first. */
export const lockModes: readonly string[] = [
  ...['ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock'],
  'AccessExclusiveLock',
];

const locks = `
  'locks', (select coalesce(json_agg(json_build_object('table', relation::text, 'mode', mode)), '[]')
    from pg_locks where pid = pg_backend_pid() and locktype = 'relation' and granted
    and mode in (${lockModes.map((mode) => `'${mode}'`).join(', ')})),
  'touched', (select coalesce(json_agg(distinct coalesce(indrelid, objid)::text), '[]')
    from pg_event_trigger_ddl_commands() left join pg_index on indexrelid = objid)`;

const install = [
  `create schema if not exists ${watchSchema}`,
  `grant usage on schema ${watchSchema} to public`,
  trigger('ddl_command_start', "'query', left(current_query(), 20000)"),
  trigger('ddl_command_end', locks),
  trigger('table_rewrite', "'table', pg_event_trigger_table_rewrite_oid()::text"),
  ...['ddl_command_start', 'ddl_command_end', 'table_rewrite'].flatMap((event) => [
    `drop event trigger if exists ${watchSchema}_${event}`,
    `create event trigger ${watchSchema}_${event} on ${event} execute function ${watchSchema}.${event}()`,
  ]),
].join(';\n');

/**
 * Returns the tasks that install the event triggers in a database.
 * @param quoted the quoted name of the database
 */
export function installWatch(database: string, quoted: string): SqlTask[] {
  return [
    { database, attempts: [install], isRequired: true },
    // The log has errors too, and the level `error` includes the messages of the triggers.
    { database, attempts: [`alter database ${quoted} set log_min_messages = 'error'`], isRequired: true },
  ];
}

const maxLogBytes = 4_000_000;

/** Reads what the server has logged since its last start. The server does not run meanwhile. */
export async function readLog(rehearsal: ScratchServer): Promise<string> {
  const { stdout } = await rehearsal.sandbox.execute({
    script: 'tail -c "$1" "/services/$2/log"',
    args: [String(maxLogBytes), rehearsal.server.service],
    cwd: '/',
    timeoutMs: timeLeft(rehearsal),
  });
  return stdout;
}

const LoggedEvent = z.object({
  event: z.enum(['ddl_command_start', 'ddl_command_end', 'table_rewrite']),
  /** Milliseconds since 1970. */
  at: z.number(),
  session: z.string(),
  query: z.string().optional(),
  tag: z.string(),
  locks: z.array(z.object({ table: z.string(), mode: z.string() })).optional(),
  touched: z.array(z.string()).optional(),
  table: z.string().optional(),
});
type LoggedEvent = z.infer<typeof LoggedEvent>;

/** Reads the statements from the log of the server, in order. Migrations can write to this log, too. */
export function readStatements(log: string): WatchedStatement[] {
  const open = new Map<string, { event: LoggedEvent; statement: WatchedStatement }>();
  const held = new Map<string, Set<string>>();
  const finders = new Map<string, (tag: string) => string>();
  const statements: WatchedStatement[] = [];
  for (const event of readEvents(log)) {
    const { session } = event;
    const started = open.get(session);
    if (event.event === 'ddl_command_start') {
      const text = event.query ?? '';
      const find = finders.get(session + text) ?? createFinder(text);
      finders.set(session + text, find);
      const statement = { sql: find(event.tag), tag: event.tag, locks: [], rewrites: [], durationMs: null };
      open.set(session, { event, statement });
      statements.push(statement);
    } else if (event.event === 'table_rewrite') started?.statement.rewrites.push(event.table ?? '');
    else if (started) {
      const earlier = held.get(session) ?? new Set();
      held.set(session, earlier);
      const touched = new Set(event.touched);
      const ofStatement = (event.locks ?? []).filter(
        ({ table, mode }) => touched.has(table) || !earlier.has(`${table} ${mode}`),
      );
      for (const { table, mode } of event.locks ?? []) earlier.add(`${table} ${mode}`);
      started.statement.locks = ofStatement;
      started.statement.durationMs = Math.max(0, event.at - started.event.at);
      open.delete(session);
    }
  }
  return statements;
}

function readEvents(log: string): LoggedEvent[] {
  return [...log.matchAll(new RegExp(`LOG: {2}${mark} (\\{.*\\})$`, 'gm'))].flatMap(([, json = '']) => {
    try {
      return [readJson(LoggedEvent, json)];
    } catch (error) {
      // The beginning of the log was cut, or a migration wrote this line.
      if (error instanceof DatabaseError) return [];
      throw error;
    }
  });
}

/** Finds the statements of a text that changed the schema, one by one, by the tags of their events. */
function createFinder(text: string): (tag: string) => string {
  const left = splitSql(text);
  return (tag) => {
    const [verb = ''] = tag.toLowerCase().split(' ');
    const index = left.findIndex((statement) => statement.toLowerCase().startsWith(verb));
    return index < 0 ? text.trim() : (left.splice(0, index + 1).at(-1) ?? text);
  };
}

/** Returns the last error in the log of the server; null if there is none. */
export function lastError(log: string): string | null {
  return [...log.matchAll(/\] ERROR: {2}(.*)$/gm)].at(-1)?.[1] ?? null;
}
