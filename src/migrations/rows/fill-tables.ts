import { DatabaseError, runSql, type ScratchServer, type SqlTask } from '../../databases/run-sql.js';
import { describeSchemaSql, nameTable, readSchema, type Schema } from '../describe-schema.js';
import { makeCountsSql, readCounts, type TableContent } from './count-rows.js';
import { planProbes, planRows, rowsPerTable } from './make-rows.js';

/** A database at one moment. */
export interface State {
  schema: Schema;
  /** By the names of tables for people. */
  contents: Map<string, TableContent>;
}

const lookTasks = (database: string): SqlTask[] => [
  { database, attempts: [describeSchemaSql], isRequired: true },
  { database, attempts: [makeCountsSql], isRequired: true, makesSql: true },
];

/** Reads the schema and the content of a database. Runs `first` before that. */
async function lookAfter(
  rehearsal: ScratchServer,
  database: string,
  first: readonly SqlTask[],
): Promise<{ state: State; errors: (string | null)[] }> {
  const results = await runSql(rehearsal, [...first, ...lookTasks(database)]);
  const [described, counted] = results.slice(first.length);
  const error = described?.error ?? counted?.error;
  if (!described || !counted || error)
    throw new DatabaseError(`the schema of ${database} could not be read (${error?.message})`);
  const schema = readSchema(described.rows);
  const errors = first.map((_, index) => results[index]?.error?.message ?? null);
  return { state: { schema, contents: readCounts(schema, counted.rows) }, errors };
}

export async function look(rehearsal: ScratchServer, database: string): Promise<State> {
  return (await lookAfter(rehearsal, database, [])).state;
}

/**
 * Puts rows into all tables of a database, until each has at least `rowsPerTable` of them.
 * @returns what the database then contains, and the tables that have fewer rows, one clause each
 */
export async function fillTables(
  rehearsal: ScratchServer,
  database: string,
  schema: Schema,
): Promise<{ state: State; unfilled: string[] }> {
  const { tables } = schema;
  const probes = planProbes(tables, database);
  const counts = { database, attempts: [makeCountsSql], isRequired: true, makesSql: true };
  const [counted, ...found] = await runSql(rehearsal, [counts, ...probes.map(({ task }) => task)]);
  const before = new Map(
    [...readCounts(schema, counted?.rows ?? []).values()].map(({ table, rows }) => [table.id, rows]),
  );
  const choices = new Map(
    probes.flatMap(({ key, candidates }, index) => {
      const result = found[index];
      const candidate = result?.error ? undefined : candidates[result?.attempt ?? 0];
      return candidate === undefined ? [] : [[key, candidate] as const];
    }),
  );
  const plan = planRows(tables, database, before, choices).filter(
    ({ table }) => (before.get(table.id) ?? 0) < rowsPerTable,
  );
  const tasks = plan.map(({ task }) => task);
  const { state, errors } = await lookAfter(rehearsal, database, tasks);
  const unfilled = plan.flatMap(({ table }, index) => {
    const rows = state.contents.get(nameTable(table))?.rows ?? 0;
    if (rows >= rowsPerTable) return [];
    const reason = errors[index] ?? 'its unique columns have no more values';
    return [`${nameTable(table)} has ${rows} ${rows === 1 ? 'row' : 'rows'}: ${reason}`];
  });
  return { state, unfilled };
}
