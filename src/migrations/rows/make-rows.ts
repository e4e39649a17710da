import { identifier, type SqlTask } from '../../databases/run-sql.js';
import type { Column, ForeignKey, Table } from '../describe-schema.js';
import { listCandidates, makeValue } from './make-values.js';

/** How many rows each table gets at least. */
export const rowsPerTable = 1000;
/** Every row whose number is a multiple of this has nulls where the schema allows them. */
const nullEvery = 5;
/** How many rows are tried to find out whether values meet a condition. */
const tried = 20;

/** Expressions for columns that have conditions, by table id and column name. */
export type Choices = ReadonlyMap<string, string>;

interface Probe {
  key: string;
  candidates: string[];
  task: SqlTask;
}

const keyOf = (table: Table, column: Column) => `${table.id} ${column.name}`;
const isUniqueIn = ({ unique }: Table, column: Column) =>
  unique.some((columns) => columns.includes(column.name));

/**
 * Finds out which values meet the conditions of single columns. A task fails for a candidate that does not.
 */
export function planProbes(tables: readonly Table[], database: string): Probe[] {
  return tables.flatMap((table) =>
    table.columns.flatMap((column) => {
      const own = table.checks.filter(({ columns }) => columns.length === 1 && columns[0] === column.name);
      const conditions = [...own.map(({ condition }) => condition), ...column.domainChecks];
      if (conditions.length === 0 || column.isGenerated) return [];
      const wish = { isUnique: isUniqueIn(table, column), position: column.number };
      const candidates = listCandidates(column, conditions, wish);
      // In the check of a domain, the value is called VALUE. Two columns cannot have the same name.
      const names = [...new Set([column.name, 'value'])].map(identifier);
      const attempts = candidates.map(
        (candidate) =>
          `select 1 / (case when bool_and((${conditions.join(') and (')})) is not false then 1 else 0 end) ` +
          `from (select ${names.map((name) => `${candidate} as ${name}`).join(', ')} ` +
          `from generate_series(1, ${tried}) as s(i)) as candidates`,
      );
      return [{ key: keyOf(table, column), candidates, task: { database, attempts } }];
    }),
  );
}

export interface PlannedRows {
  table: Table;
  task: SqlTask;
}

/**
 * Plans the rows of all tables, in an order in which foreign keys find their rows.
 * @param existing the numbers of rows that the tables have, by table id
 */
export function planRows(
  tables: readonly Table[],
  database: string,
  existing: ReadonlyMap<string, number>,
  choices: Choices,
): PlannedRows[] {
  const placed = new Set<string>();
  return sortTables(tables).map((table) => {
    const has = existing.get(table.id) ?? 0;
    const usable = table.foreignKeys.filter((key) => placed.has(key.table));
    placed.add(table.id);
    const insert = (options: InsertOptions) => writeInsert(table, tables, usable, has, choices, options);
    const joint = table.checks.filter(({ columns }) => columns.length > 1);
    const optional = table.columns.filter(
      ({ notNull, name }) => !notNull && joint.some(({ columns }) => columns.includes(name)),
    );
    const names = optional.map(({ name }) => name);
    const attempts = [
      insert({}),
      ...(names.length > 0 ? [insert({ without: names })] : []),
      ...names.map((name) => insert({ without: names.filter((one) => one !== name), fills: name })),
      ...(joint.length > 0 ? [insert({ isReversed: true })] : []),
      insert({ isMinimal: true }),
    ];
    return { table, task: { database, attempts } };
  });
}

/** Puts tables after those that they reference. In a circle, keys that may be null come last. */
function sortTables(tables: readonly Table[]): Table[] {
  const left = [...tables];
  const known = new Set(tables.map(({ id }) => id));
  const sorted: Table[] = [];
  const waits = (table: Table, isNeeded: (key: ForeignKey) => boolean) =>
    table.foreignKeys.some(
      (key) =>
        key.table !== table.id &&
        known.has(key.table) &&
        left.some(({ id }) => id === key.table) &&
        isNeeded(key),
    );
  while (left.length > 0) {
    const ready =
      left.find((table) => !waits(table, () => true)) ??
      left.find((table) => !waits(table, (key) => !mayBeNull(table, key))) ??
      (left[0] as Table);
    sorted.push(ready);
    left.splice(left.indexOf(ready), 1);
  }
  return sorted;
}

function mayBeNull({ columns }: Table, key: ForeignKey): boolean {
  return columns.some(({ name, notNull }) => !notNull && key.columns.includes(name));
}

interface InsertOptions {
  /** Columns that stay null. */
  without?: readonly string[];
  /** A column that is null in no row. */
  fills?: string;
  /** Whether later columns get smaller values. */
  isReversed?: boolean;
  /** Whether only the columns get values that must have one. */
  isMinimal?: boolean;
}

function writeInsert(
  table: Table,
  tables: readonly Table[],
  keys: readonly ForeignKey[],
  existing: number,
  choices: Choices,
  options: InsertOptions,
): string {
  const joins: string[] = [];
  const values = new Map<string, string>();
  for (const key of keys) {
    const parent = tables.find(({ id }) => id === key.table);
    if (!parent || key.columns.some((name) => values.has(name))) continue;
    const alias = `p${joins.length}`;
    joins.push(joinParent(table, parent, key, alias, joins.length === 0));
    for (const [index, name] of key.columns.entries())
      values.set(name, `${alias}.${identifier(key.references[index] ?? '')}`);
  }
  for (const column of table.columns) {
    if (values.has(column.name) || column.isGenerated) continue;
    // Only rows that exist can be referenced, so a key without rows stays null.
    if (table.foreignKeys.some((key) => key.columns.includes(column.name))) continue;
    const value = chooseValue(table, column, choices, options);
    if (value !== null) values.set(column.name, value);
  }
  const used = table.columns.filter(({ name, notNull, hasDefault }) => {
    if (!values.has(name) || options.without?.includes(name)) return false;
    return !options.isMinimal || (notNull && !hasDefault);
  });
  const name = `${identifier(table.schema)}.${identifier(table.name)}`;
  const needed = Math.max(0, rowsPerTable - existing);
  const series = `generate_series(${existing + 1}, ${existing + needed}) as s(i)`;
  const target = used.map((column) => identifier(column.name)).join(', ');
  const expressions = used.map((column) => {
    const value = values.get(column.name) ?? 'null';
    return column.notNull || column.name === options.fills
      ? value
      : `case when s.i % ${nullEvery} = 0 then null else ${value} end`;
  });
  return used.length === 0
    ? `do $$ begin for i in 1..${needed} loop insert into ${name} default values; end loop; end $$`
    : `insert into ${name} (${target}) select ${expressions.join(', ')} from ${series} ${joins.join(' ')} on conflict do nothing`;
}

/** @returns null if the column gets its default, or null */
function chooseValue(table: Table, column: Column, choices: Choices, options: InsertOptions): string | null {
  const chosen = choices.get(keyOf(table, column));
  if (chosen !== undefined) return chosen;
  const isUnique = isUniqueIn(table, column);
  // The server numbers the rows of a sequence better than this code, which does not know where it is.
  if (isUnique && column.hasDefault) return null;
  const position = options.isReversed ? table.columns.length - column.number : column.number;
  return makeValue(column, { isUnique, position: Math.max(0, position) });
}

/** Joins a row of the parent to each row. Several rows share a parent, unless that must not be. */
function joinParent(table: Table, parent: Table, key: ForeignKey, alias: string, isFirst: boolean): string {
  const from = `${identifier(parent.schema)}.${identifier(parent.name)}`;
  const isAlone = table.unique.some((columns) => columns.every((name) => key.columns.includes(name)));
  const number = isFirst && !isAlone ? '(s.i - 1) / 3' : 's.i - 1';
  const columns = key.references.map(identifier).join(', ');
  return (
    `left join (select row_number() over () as row_number, ${columns} from ${from}) as ${alias} ` +
    `on ${alias}.row_number = 1 + (${number}) % nullif((select count(*) from ${from}), 0)`
  );
}
