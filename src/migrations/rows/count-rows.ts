import { identifier, type Rehearsal, runSql } from '../database.js';
import { nameTable, type Schema, type Table } from '../describe-schema.js';

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

/** Counts the rows of all tables and sums up the values of each column. The key is the name for people. */
export async function countRows(
  rehearsal: Rehearsal,
  database: string,
  { tables }: Schema,
): Promise<Map<string, TableContent>> {
  const results = await runSql(
    rehearsal,
    tables.map((table) => ({ database, attempts: [countSql(table)], isRequired: true })),
  );
  return new Map(
    tables.map((table, index) => {
      const [rows = '0', updated, deleted, ...rest] = results[index]?.rows[0] ?? [];
      const columns = table.columns.map(({ name }, place): [string, ColumnContent] => [
        name,
        { filled: Number(rest[2 * place]), sum: rest[2 * place + 1] ?? '' },
      ]);
      return [
        nameTable(table),
        {
          table,
          rows: Number(rows),
          columns: new Map(columns),
          updated: Number(updated ?? 0),
          deleted: Number(deleted ?? 0),
        },
      ];
    }),
  );
}

function countSql({ id, schema, name, columns }: Table): string {
  const sums = columns.flatMap((column) => {
    const value = identifier(column.name);
    return [`count(${value})`, `sum(('x' || substr(md5(${value}::text), 1, 15))::bit(60)::bigint)`];
  });
  const statistics = ['n_tup_upd', 'n_tup_del'].map(
    (one) => `(select ${one} from pg_catalog.pg_stat_all_tables where relid = ${id})`,
  );
  const list = ['count(*)', ...statistics, ...sums].join(', ');
  return `select ${list} from ${identifier(schema)}.${identifier(name)}`;
}
