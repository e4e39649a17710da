import { describe, expect, test } from '@jest/globals';
import { describeDamage, findLosses, isNarrower } from '../../src/migrations/describe-damage.js';
import type { Column, Table } from '../../src/migrations/describe-schema.js';

type Content = [name: string, type: string, filled: number, sum: string];

/** The state of one table, with columns that are numbered from 1. */
function state(rows: number, columns: (Content | null)[], { name = 'orders', strict = [] as string[] } = {}) {
  const present = columns.flatMap((content, index) => (content ? [{ content, number: index + 1 }] : []));
  const table: Table = {
    ...{ id: '1', schema: 'public', name, foreignKeys: [], checks: [], unique: [] },
    columns: present.map(
      ({ content: [column, type], number }): Column => ({
        ...{ number, name: column, type, notNull: strict.includes(column) },
        ...{ hasDefault: false, isGenerated: false, labels: null, domainChecks: [] },
      }),
    ),
  };
  const sums = present.map(({ content: [column, , filled, sum] }) => [column, { filled, sum }] as const);
  const content = { table, rows, columns: new Map(sums), updated: 0, deleted: 0 };
  return { schema: { tables: [table], lines: [] }, contents: new Map([[name, content]]) };
}

const id: Content = ['id', 'integer', 10, '1'];
const note: Content = ['note', 'text', 8, '2'];
const before = state(10, [id, note]);

describe('what a migration takes away is said in words', () => {
  test.each([
    [state(10, [id, null]), ['It drops the column orders.note, which has a value in 8 of 10 rows.']],
    [state(7, [id, note]), ['It deletes 3 of 10 rows of orders.']],
    [state(10, [id, note], { strict: ['note'] }), ['orders.note can no longer be null.']],
    [
      state(10, [id, ['note', 'character varying(5)', 8, '2']]),
      ['It changes the type of orders.note from text to character varying(5), which holds less.'],
    ],
    [
      state(10, [id, ['remark', 'text', 8, '2']]),
      ['It renames the column orders.note to remark. Code that is still running knows the old name.'],
    ],
    [
      state(10, [id, note], { name: 'sales' }),
      ['It renames the table orders to sales. Code that is still running knows the old name.'],
    ],
    [
      state(10, [id, note, ['kind', 'text', 10, '3']], { strict: ['kind'] }),
      [
        'It adds the column orders.kind, which needs a value and has no default. Code that is still running inserts rows without it.',
      ],
    ],
    [{ schema: { tables: [], lines: [] }, contents: new Map() }, ['It drops the table orders with 10 rows.']],
    [before, []],
  ])('%#', (after, sentences) => {
    expect(describeDamage(before, after)).toEqual(sentences);
  });
});

describe('down must bring back rows and values', () => {
  test('that only down itself lost', () => {
    expect(findLosses(before, before, state(9, [id, note]).contents).faults).toEqual([
      'After down, orders has 9 rows instead of 10.',
    ]);
    const emptied = state(10, [id, ['note', 'text', 0, '']]);
    expect(findLosses(before, before, emptied.contents).faults).toEqual([
      'After down, orders.note does not have its old values.',
    ]);
  });
  test('but it cannot bring back what the migration dropped or changed', () => {
    const dropped = state(10, [id, null]);
    const emptied = state(10, [id, ['note', 'text', 0, '']]);
    expect(findLosses(before, dropped, emptied.contents)).toEqual({ faults: [], changed: ['orders.note'] });
    const backfilled = state(10, [id, ['note', 'text', 10, '5']]);
    expect(findLosses(before, backfilled, backfilled.contents)).toEqual({
      faults: [],
      changed: ['orders.note'],
    });
    const deleted = state(4, [id, note]);
    expect(findLosses(before, deleted, deleted.contents)).toEqual({ faults: [], changed: ['orders'] });
  });
});

test.each([
  ['bigint', 'integer', true],
  ['integer', 'bigint', false],
  ['text', 'character varying(20)', true],
  ['character varying(20)', 'text', false],
  ['character varying(20)', 'character varying(200)', false],
  ['text', 'integer', true],
  ['numeric(10,2)', 'numeric(10,4)', true],
  ['numeric(10,2)', 'numeric(12,2)', false],
  ['timestamp with time zone', 'date', true],
  ['date', 'timestamp with time zone', false],
  ['integer', 'integer', false],
])('from %s to %s is narrower: %s', (from, to, isIt) => {
  expect(isNarrower(from, to)).toBe(isIt);
});
