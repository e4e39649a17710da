import { fromTables, nameTable, type Schema, type Table } from '../describe-schema.js';

/** What a column contains, in all rows together. */
export interface ColumnContent {
  /** Number of rows that have a value. */
  filled: number;
  /** A sum of hashes. The same values have the same sum, in any order. */
  sum: string;
}

/** The rows of one table. */
export interface TableContent {
  table: Table;
  rows: number;
  columns: Map<string, ColumnContent>;
  /** Numbers of rows that statements have updated and deleted since the table exists. */
  updated: number;
  deleted: number;
}

const hash = "sum((''x'' || substr(md5(%1$I::text), 1, 15))::bit(60)::bigint)";

/**
 * SQL that makes a text of SQL for each table. Its row contains the id of the table, the number of rows, the
 * statistics, and two values per column, in the order of the columns.
 */
export const makeCountsSql = `set search_path = pg_catalog;
select format('select %s, count(*), (select n_tup_upd from pg_catalog.pg_stat_all_tables where relid = %s), '
  || '(select n_tup_del from pg_catalog.pg_stat_all_tables where relid = %s)%s from %I.%I', c.oid, c.oid, c.oid,
  (select string_agg(format(', count(%1$I), ${hash}', a.attname), '' order by a.attnum)
    from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), n.nspname, c.relname)
${fromTables} order by c.oid`;

/** Reads the rows of SQL that was made by `makeCountsSql`. The key is the name of a table for people. */
export function readCounts(
  { tables }: Schema,
  rows: readonly (string | null)[][],
): Map<string, TableContent> {
  const found = new Map(rows.map(([id, ...values]) => [id, values]));
  return new Map(
    tables.map((table) => {
      const [count, updated, deleted, ...rest] = found.get(table.id) ?? [];
      const columns = table.columns.map(({ name }, place): [string, ColumnContent] => [
        name,
        { filled: Number(rest[2 * place] ?? 0), sum: rest[2 * place + 1] ?? '' },
      ]);
      const numbers = {
        rows: Number(count ?? 0),
        updated: Number(updated ?? 0),
        deleted: Number(deleted ?? 0),
      };
      return [nameTable(table), { table, columns: new Map(columns), ...numbers }];
    }),
  );
}
