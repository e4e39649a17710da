import { expect, test } from '@jest/globals';
import { lastError, readStatements } from '../../src/migrations/watch.js';

const at = '2026-01-02 03:04:05.678 UTC [42]';
const event = (name: string, ms: number, more: object, session = '42 now') =>
  `${at} LOG:  pullwright-watch ${JSON.stringify({ event: name, at: ms, session, tag: 'ALTER TABLE', ...more })}\n` +
  `${at} CONTEXT:  PL/pgSQL function pullwright_watch.${name}() line 3 at RAISE\n`;
const start = (ms: number, query: string, more: object = {}) =>
  event('ddl_command_start', ms, { query, ...more });
const end = (ms: number, locks: [table: string, mode: string][], touched: string[] = []) =>
  event('ddl_command_end', ms, { locks: locks.map(([table, mode]) => ({ table, mode })), touched });

test('statements have their times, rewrites, and the locks that they took', () => {
  const both = 'update a set x = 1; alter table a add y int; create index on b (x)';
  const statements = readStatements(
    [
      start(10, both),
      event('table_rewrite', 11, { table: '1' }),
      end(15, [['1', 'AccessExclusiveLock']], ['1']),
      start(20, both, { tag: 'CREATE INDEX' }),
      end(21, [
        ['1', 'AccessExclusiveLock'],
        ['2', 'ShareLock'],
      ]),
      start(30, 'alter table a alter x set not null'),
    ].join(''),
  );
  expect(statements).toEqual([
    {
      ...{ sql: 'alter table a add y int', tag: 'ALTER TABLE', durationMs: 5, rewrites: ['1'] },
      locks: [{ table: '1', mode: 'AccessExclusiveLock' }],
    },
    {
      ...{ sql: 'create index on b (x)', tag: 'CREATE INDEX', durationMs: 1, rewrites: [] },
      locks: [{ table: '2', mode: 'ShareLock' }],
    },
    {
      ...{ sql: 'alter table a alter x set not null', tag: 'ALTER TABLE', durationMs: null, rewrites: [] },
      locks: [],
    },
  ]);
});

test('lines that a migration writes itself do no harm', () => {
  const odd = [
    '{',
    '{}',
    '{"event":"ddl_command_end"}',
    '{"event":"table_rewrite","at":1,"session":"x","tag":"y"}',
  ];
  expect(readStatements(odd.map((json) => `${at} LOG:  pullwright-watch ${json}\n`).join(''))).toEqual([]);
});

test('the last error of the log is the reason of a failure', () => {
  expect(
    lastError(`${at} ERROR:  first\n${at} STATEMENT:  select 1\n${at} ERROR:  column "a" is null\n`),
  ).toBe('column "a" is null');
  expect(lastError('nothing')).toBeNull();
});
