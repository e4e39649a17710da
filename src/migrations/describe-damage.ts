import { type Column, nameTable, type Table } from './describe-schema.js';
import type { TableContent } from './rows/count-rows.js';
import type { State } from './rows/fill-tables.js';

type Contents = ReadonlyMap<string, TableContent>;

/**
 * Says what a migration takes away from the data or from code that knows the old schema, one sentence each.
 */
export function describeDamage(before: State, after: State): string[] {
  const now = new Map(after.schema.tables.map((table) => [table.id, table]));
  return before.schema.tables.flatMap((table) => {
    const content = before.contents.get(nameTable(table));
    const rows = content?.rows ?? 0;
    const current = now.get(table.id);
    if (!current) return [`It drops the table ${nameTable(table)} with ${count(rows, 'row')}.`];
    const name = nameTable(current);
    const left = after.contents.get(name);
    return [
      ...(name === nameTable(table)
        ? []
        : [
            `It renames the table ${nameTable(table)} to ${name}. Code that is still running knows the old name.`,
          ]),
      ...describeColumns(table, current, content),
      ...(left && left.rows < rows
        ? [`It deletes ${rows - left.rows} of ${count(rows, 'row')} of ${name}.`]
        : []),
    ];
  });
}

function describeColumns(table: Table, current: Table, content: TableContent | undefined): string[] {
  const now = new Map(current.columns.map((column) => [column.number, column]));
  const known = new Set(table.columns.map(({ number }) => number));
  const rows = content?.rows ?? 0;
  const changed = table.columns.flatMap((column) => {
    const name = `${nameTable(table)}.${column.name}`;
    const later = now.get(column.number);
    const filled = content?.columns.get(column.name)?.filled ?? 0;
    if (!later)
      return [`It drops the column ${name}, which has a value in ${filled} of ${count(rows, 'row')}.`];
    return describeColumn(name, column, later);
  });
  const strict = current.columns
    .filter(
      ({ number, notNull, hasDefault, isGenerated }) =>
        !known.has(number) && notNull && !hasDefault && !isGenerated,
    )
    .map(
      ({ name }) =>
        `It adds the column ${nameTable(current)}.${name}, which needs a value and has no default. Code that is still running inserts rows without it.`,
    );
  return [...changed, ...strict];
}

function describeColumn(name: string, column: Column, later: Column): string[] {
  const sentences: string[] = [];
  if (later.name !== column.name)
    sentences.push(
      `It renames the column ${name} to ${later.name}. Code that is still running knows the old name.`,
    );
  if (later.type !== column.type)
    sentences.push(
      `It changes the type of ${name} from ${column.type} to ${later.type}${isNarrower(column.type, later.type) ? ', which holds less' : ''}.`,
    );
  if (later.notNull && !column.notNull) sentences.push(`${name} can no longer be null.`);
  return sentences;
}

const sizes = [
  ['smallint', 'integer', 'bigint', 'numeric'],
  ['real', 'double precision'],
  ['date', 'timestamp without time zone', 'timestamp with time zone'],
  ['time without time zone', 'timestamp without time zone'],
  ['integer', 'numeric', 'text'],
];

/** Returns whether values of one type may not fit into another. Guesses no for types without an order. */
export function isNarrower(from: string, to: string): boolean {
  const [old, now] = [parse(from), parse(to)];
  const texts = /^(?:text|citext|character varying|character)$/;
  if (texts.test(old.name) && texts.test(now.name)) return now.first < old.first;
  if (texts.test(old.name)) return true;
  if (old.name === 'numeric' && now.name === 'numeric')
    return now.first - now.second < old.first - old.second || now.second < old.second;
  return sizes.some((order) => {
    const [one, other] = [order.indexOf(old.name), order.indexOf(now.name)];
    return other >= 0 && one > other;
  });
}

function parse(type: string): { name: string; first: number; second: number } {
  const [, name = '', first, second] = /^([^(]+?)(?:\((\d+)(?:,(\d+))?\))?( with.*)?$/.exec(type) ?? [];
  const suffix = / with(?:out)? time zone$/.exec(type)?.[0] ?? '';
  const unlimited = name === 'numeric' ? 2000 : Number.POSITIVE_INFINITY;
  return {
    name: `${name.replace(/^.*\./, '').replace(suffix, '')}${suffix}`,
    first: first === undefined ? unlimited : Number(first),
    second: second === undefined ? (first === undefined ? 1000 : 0) : Number(second),
  };
}

/** What is not as it was after a migration was undone. */
export interface Losses {
  /** Sentences about what only `down` changed. */
  faults: string[];
  /** Tables and columns whose old values the migration itself had removed or changed. */
  changed: string[];
}

/** Compares the rows before a migration with those while it was applied, and those after it was undone. */
export function findLosses(before: State, applied: State, undone: Contents): Losses {
  const kept = new Map(applied.schema.tables.map((table) => [table.id, table]));
  const losses: Losses = { faults: [], changed: [] };
  for (const [name, old] of before.contents) {
    const last = undone.get(name);
    const table = kept.get(old.table.id);
    const between = table && applied.contents.get(nameTable(table));
    if (!last) continue;
    if (!table || !between || between.rows !== old.rows) {
      if (last.rows !== old.rows) losses.changed.push(name);
    } else if (last.rows !== old.rows)
      losses.faults.push(`After down, ${name} has ${count(last.rows, 'row')} instead of ${old.rows}.`);
    else
      for (const { number, name: column } of old.table.columns) {
        const current = table.columns.find((one) => one.number === number);
        const [sum, inBetween, now] = [
          old.columns.get(column)?.sum,
          current && between.columns.get(current.name)?.sum,
          last.columns.get(column)?.sum,
        ];
        if (now === undefined || now === sum) continue;
        if (inBetween === sum)
          losses.faults.push(`After down, ${name}.${column} does not have its old values.`);
        else losses.changed.push(`${name}.${column}`);
      }
  }
  return losses;
}

/** Says which rows statements of a migration updated, one clause each. */
export function describeUpdates(before: Contents, after: Contents): string[] {
  return [...after].flatMap(([name, { updated, deleted, table }]) => {
    const old = [...before.values()].find((one) => one.table.id === table.id);
    if (!old) return [];
    const counts = [
      ...(updated > old.updated ? [`${updated - old.updated} updated`] : []),
      ...(deleted > old.deleted ? [`${deleted - old.deleted} deleted`] : []),
    ];
    return counts.length > 0 ? [`${name}: ${counts.join(', ')} of ${count(old.rows, 'row')}`] : [];
  });
}

function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`;
}
