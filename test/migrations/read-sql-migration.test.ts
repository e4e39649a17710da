import { expect, test } from '@jest/globals';
import { readSqlMigrations } from '../../src/migrations/read-sql-migration.js';
import { splitSql } from '../../src/migrations/split-sql.js';

const read = (files: Record<string, string>) => readSqlMigrations(new Map(Object.entries(files)));

test('a migration is one file, two files, or two parts of a file', () => {
  expect(
    read({
      'm/10_c.sql': 'c',
      'm/2_b.up.sql': 'b',
      'm/2_b.down.sql': 'not b',
      'm/1_a/up.sql': 'a',
      'm/1_a/down.sql': 'not a',
      'm/11.sql': '-- migrate:up\nd\n-- migrate:down\nnot d',
      'm/12.sql': '-- +goose Up\ne\n-- +goose Down\nnot e',
    }),
  ).toEqual([
    { name: 'm/1_a', up: 'a', down: 'not a' },
    { name: 'm/2_b', up: 'b', down: 'not b' },
    { name: 'm/10_c.sql', up: 'c', down: null },
    { name: 'm/11.sql', up: '-- migrate:up\nd\n', down: '-- migrate:down\nnot d' },
    { name: 'm/12.sql', up: '-- +goose Up\ne\n', down: '-- +goose Down\nnot e' },
  ]);
});

test('Flyway sorts by version', () => {
  expect(read({ 'd/V10__b.sql': '', 'd/V2__a.sql': '', 'd/U2__a.sql': 'x' })).toMatchObject([
    { name: 'd/2__a.sql', down: 'x' },
    { name: 'd/10__b.sql' },
  ]);
});

test('SQL is split at the ends of its statements only', () => {
  const body = "create function f() returns text language plpgsql as $x$ begin return ';'; end; $x$";
  const atomic = 'create function g() returns int begin atomic select 1; end';
  expect(splitSql(`-- first; comment\nselect ';', "a;b"; /* ; */ ${body};\n${atomic};;\n-- end;`)).toEqual([
    `select ';', "a;b"`,
    body,
    atomic,
  ]);
});
