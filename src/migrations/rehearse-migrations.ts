import { DatabaseError, type ScratchServer } from '../databases/run-sql.js';
import type { MigrationStage, MigrationStatement, Migrations } from '../evidence/migration-evidence.js';
import type { ScratchCopy, Workspace } from '../workspace/workspace.js';
import { describeDamage, describeUpdates, findLosses } from './describe-damage.js';
import { compareSchemas, nameTable, type Schema } from './describe-schema.js';
import type { FoundMigrations } from './find/find-migrations.js';
import { openRunner, type Runner } from './open-runner.js';
import { describeDatabase, findDatabase, prepareDatabases } from './prepare-databases.js';
import type { TableContent } from './rows/count-rows.js';
import { fillTables, look, type State } from './rows/fill-tables.js';
import type { Applied } from './run-migrations.js';
import { shortenEvidence } from './shorten-evidence.js';
import { lockModes, type WatchedStatement } from './watch.js';

export interface RehearseOptions {
  workspace: Pick<Workspace, 'databases' | 'environment' | 'listFiles' | 'readFile'>;
  baseCommit: string;
  /** The commit with the change. */
  commit: string;
  /**
   * Opens a copy of the base commit with the packages of the change.
   * @returns null if the packages could not be installed
   */
  openCopy: () => Promise<ScratchCopy | null>;
  /** Time limit for the whole rehearsal, in milliseconds. */
  timeoutMs: number;
}

/**
 * Applies the migrations of a change to a database that has the schema of the base commit and rows, undoes
 * them, and applies them again. A rehearsal that is not possible is a result, too.
 */
export async function rehearseMigrations(
  found: FoundMigrations,
  options: RehearseOptions,
): Promise<Migrations> {
  const [server] = options.workspace.databases;
  const evidence = describeMigrations(found, server?.title ?? null);
  const stop = (reason: string) => ({ ...evidence, notRehearsed: reason });
  if (found.added.length === 0) return stop('the change adds none');
  if (!server) return stop(describeMissing(options.workspace));
  const deadline = Date.now() + options.timeoutMs;
  const reasons = new Set<string>();
  // The set-up may have prepared the database in a way that the migrations need, such as with a dump.
  for (const isFresh of [true, false]) {
    const copy = await options.openCopy();
    if (!copy) return stop('the packages of the change could not be installed');
    try {
      const rehearsal = { sandbox: copy.sandbox, server, deadline };
      return shortenEvidence(await rehearse(rehearsal, copy, found, options, isFresh, evidence));
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      reasons.add(error.message);
    } finally {
      await copy.dispose();
    }
  }
  return stop([...reasons].join('; and with the database of the set-up, '));
}

/**
 * Applies the migrations of a change in a copy with the database of the set-up, so that tests find the new
 * schema.
 * @returns false if this fails
 */
export async function applyMigrations(
  found: FoundMigrations,
  { sandbox }: ScratchCopy,
  options: Omit<RehearseOptions, 'openCopy'>,
): Promise<boolean> {
  const [server] = options.workspace.databases;
  if (!server) return false;
  try {
    const rehearsal = { sandbox, server, deadline: Date.now() + options.timeoutMs };
    const runner = await openRunner(rehearsal, found, options);
    return (await runner.up()).error === null;
  } catch (error) {
    if (error instanceof DatabaseError) return false;
    throw error;
  }
}

/** Describes migrations of a change that were not rehearsed yet. */
function describeMigrations(
  { tool, added, edited, leftOut }: FoundMigrations,
  server: string | null,
): Migrations {
  return {
    ...{ tool, server, added, edited, notRehearsed: null, tables: 0, rows: 0, unfilled: [], stages: [] },
    ...{ statements: [], updates: [], schema: { added: [], removed: [] }, damage: [], output: '' },
    notes:
      leftOut.length === 0 ? [] : [`Other migrations were not rehearsed: ${leftOut.slice(0, 5).join(', ')}.`],
    faults: edited.length === 0 ? [] : [describeEdited(edited)],
    oldCode: null,
  };
}

function describeEdited(edited: readonly string[]): string {
  const names = edited.slice(0, 5).join(', ');
  const more = edited.length > 5 ? ` and ${edited.length - 5} more` : '';
  return `The change edits migrations that the base branch already has, and databases that ran them do not run them again: ${names}${more}.`;
}

function describeMissing({ environment }: RehearseOptions['workspace']): string {
  const other = environment.services.find(({ kind }) => /mysql|mariadb|mongodb/.test(kind));
  if (environment.services.some(({ kind }) => kind === 'postgres')) return 'its PostgreSQL is not available';
  if (other) return `${other.image} is not supported yet, only PostgreSQL is`;
  return 'the repository names no PostgreSQL among the services that its tests need';
}

async function rehearse(
  rehearsal: ScratchServer,
  copy: ScratchCopy,
  found: FoundMigrations,
  options: RehearseOptions,
  isFresh: boolean,
  evidence: Migrations,
): Promise<Migrations> {
  const runner = await openRunner(rehearsal, found, options);
  const databases = await prepareDatabases(rehearsal, isFresh);
  if (found.hasBase) {
    const { error } = await runner.upBase();
    if (error !== null) throw new DatabaseError(`the migrations of the base commit failed (${error})`);
  }
  const { database, schema } = await findDatabase(rehearsal, databases);
  const notes = [...evidence.notes, ...(await runner.seed())];
  const { state: before, unfilled } = await fillTables(rehearsal, database, schema);
  await copy.checkOut(options.commit);
  const up = await runner.up();
  const filled = [...before.contents.values()];
  const result: Migrations = {
    ...evidence,
    ...{ notes, unfilled, output: up.output, stages: [stageOf('up', up)], faults: [...evidence.faults] },
    tables: filled.filter(({ rows }) => rows > 0).length,
    rows: filled.reduce((sum, { rows }) => sum + rows, 0),
    statements: up.statements.map((one) => describeStatement(one, filled)),
  };
  if (up.error !== null) {
    result.faults.push(`The migrations fail on tables with rows: ${up.error}.`);
    return result;
  }
  // If the base commit has no migrations, only the change shows which database they are for.
  const target = found.hasBase ? database : (await findDatabase(rehearsal, databases)).database;
  const applied = await look(rehearsal, target);
  result.updates = describeUpdates(before.contents, applied.contents);
  result.schema = compareSchemas(before.schema, applied.schema);
  result.damage = describeDamage(before, applied);
  if (up.statements.length === 0 && result.updates.length === 0) notes.push(idle);
  await goBack(rehearsal, target, runner, { before, applied }, result);
  return result;
}

const idle = 'The command ran, but no statement of it changed the schema or updated a row.';

/** Undoes the migrations and applies them again, if the tool can. Adds what it finds to `result`. */
async function goBack(
  rehearsal: ScratchServer,
  database: string,
  runner: Runner,
  { before, applied }: { before: State; applied: State },
  result: Migrations,
): Promise<void> {
  const { stages, faults, notes } = result;
  const down = await runner.down();
  if (typeof down === 'string') {
    notes.push(down);
    return;
  }
  stages.push(stageOf('down', down));
  if (down.error !== null) {
    faults.push(`The migrations cannot be undone: ${down.error}.`);
    result.output = down.output;
    return;
  }
  const undone = await look(rehearsal, database);
  faults.push(
    ...describeDifference(before.schema, undone.schema, 'After down, the schema is not the old one'),
  );
  const losses = findLosses(before, applied, undone.contents);
  faults.push(...losses.faults);
  if (losses.changed.length > 0)
    notes.push(`Down does not bring back the old content of ${losses.changed.slice(0, 10).join(', ')}.`);
  const again = await runner.up();
  stages.push(stageOf('up again', again));
  if (again.error !== null) {
    faults.push(`After down, the migrations cannot be applied again: ${again.error}.`);
    result.output = again.output;
    return;
  }
  const last = await describeDatabase(rehearsal, database);
  faults.push(
    ...describeDifference(applied.schema, last, 'After up, down and up, the schema is not the same'),
  );
}

function stageOf(name: MigrationStage['name'], { command, durationMs, error }: Applied): MigrationStage {
  return { name, command, durationMs: Math.round(durationMs), error };
}

const maxSql = 1000;
const maxLines = 3;

/** @param tables what the tables contained before */
function describeStatement(
  { sql, locks, rewrites, durationMs }: WatchedStatement,
  tables: readonly TableContent[],
): MigrationStatement {
  const known = new Map(tables.map((one) => [one.table.id, one]));
  const nameOf = (id: string) => [known.get(id)].flatMap((one) => (one ? [nameTable(one.table)] : []));
  const ids = [...new Set([...locks.map(({ table }) => table), ...rewrites])];
  const rows = ids.flatMap((id) => known.get(id)?.rows ?? []);
  return {
    sql: sql.slice(0, maxSql),
    locks: strongest(locks).flatMap(({ table, mode }) =>
      nameOf(table).map((name) => ({ table: name, mode: nameMode(mode) })),
    ),
    rewrites: [...new Set(rewrites)].flatMap(nameOf),
    durationMs,
    rows: rows.length > 0 ? Math.max(...rows) : null,
  };
}

/** Keeps the strongest lock on each table. */
function strongest(locks: WatchedStatement['locks']): WatchedStatement['locks'] {
  const sorted = [...locks].sort((one, other) => lockModes.indexOf(one.mode) - lockModes.indexOf(other.mode));
  return [...new Map(sorted.map((lock) => [lock.table, lock])).values()];
}

/** The name of a lock in SQL, such as `SHARE ROW EXCLUSIVE` for `ShareRowExclusiveLock`. */
function nameMode(mode: string): string {
  return mode
    .replace(/Lock$/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase();
}

function describeDifference(before: Schema, after: Schema, sentence: string): string[] {
  const { added, removed } = compareSchemas(before, after);
  if (added.length + removed.length === 0) return [];
  const list = [...removed.map((line) => `without ${line}`), ...added.map((line) => `with ${line}`)];
  const more = list.length > maxLines ? `, and ${list.length - maxLines} more differences` : '';
  return [`${sentence}: ${list.slice(0, maxLines).join(', ')}${more}.`];
}
