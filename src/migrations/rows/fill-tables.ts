import { identifier, oneLine, type Rehearsal, runSql, type SqlResult } from '../database.js';
import { nameTable, type Schema } from '../describe-schema.js';
import { planProbes, planRows, rowsPerTable } from './make-rows.js';

/**
 * Puts rows into all tables of a database, until each has at least `rowsPerTable` of them.
 * @returns the tables that have fewer, one clause each
 */
export async function fillTables(
  rehearsal: Rehearsal,
  database: string,
  { tables }: Schema,
): Promise<string[]> {
  const probes = planProbes(tables, database);
  const counts = tables.map(({ schema, name }) => ({
    database,
    attempts: [`select count(*) from ${identifier(schema)}.${identifier(name)}`],
  }));
  const read = (results: readonly SqlResult[]) =>
    new Map(tables.map(({ id }, index) => [id, Number(results[index]?.rows[0]?.[0] ?? 0)]));
  const found = await runSql(rehearsal, [...counts, ...probes.map(({ task }) => task)]);
  const before = read(found);
  const choices = new Map(
    probes.flatMap(({ key, candidates }, index) => {
      const result = found[counts.length + index];
      const candidate = result?.error ? undefined : candidates[result?.attempt ?? 0];
      return candidate === undefined ? [] : [[key, candidate] as const];
    }),
  );
  const plan = planRows(tables, database, before, choices).filter(
    ({ table }) => (before.get(table.id) ?? 0) < rowsPerTable,
  );
  const inserted = await runSql(rehearsal, [...plan.map(({ task }) => task), ...counts]);
  const after = read(inserted.slice(plan.length));
  return plan.flatMap(({ table }, index) => {
    const rows = after.get(table.id) ?? 0;
    if (rows >= rowsPerTable) return [];
    const reason = oneLine(inserted[index]?.error?.message ?? 'its unique columns have no more values');
    return [`${nameTable(table)} has ${rows} ${rows === 1 ? 'row' : 'rows'}: ${reason}`];
  });
}
