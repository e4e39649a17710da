import { beforeAll, describe, expect, test } from '@jest/globals';
import { useRehearsals } from './use-rehearsals.js';

const rehearsals = useRehearsals();

const both = (up: string, down: string) => `-- migrate:up\n${up}\n-- migrate:down\n${down}\n`;
const base = {
  'migrations/1_first.sql': both(
    `create table users (id serial primary key, email text);
     create table orders (id bigserial primary key, user_id integer not null references users, note varchar(200), total integer not null);`,
    'drop table orders; drop table users;',
  ),
};
const change = (up: string, down: string) => ({ 'migrations/2_next.sql': both(up, down) });

let rehearse: Awaited<ReturnType<typeof rehearsals.open>>;
beforeAll(async () => {
  rehearse = await rehearsals.open(base);
});

describe('a rehearsal on rows', () => {
  test('shows locks, rewrites, and what the migrations take away', async () => {
    const migrations = await rehearse(
      change(
        `alter table orders add column paid_at timestamptz not null default clock_timestamp();
         create index on orders (user_id);
         alter table orders alter column note type varchar(50);
         update users set email = upper(email);
         alter table orders drop column total;`,
        `alter table orders add column total integer not null default 0;
         alter table orders alter column total drop default;
         alter table orders alter column note type varchar(200);
         drop index orders_user_id_idx;
         alter table orders drop column paid_at;`,
      ),
    );
    expect(migrations).toMatchObject({
      ...{ notRehearsed: null, faults: [], tables: 2, rows: 2000, unfilled: [] },
      updates: ['users: 1000 updated of 1000 rows'],
      damage: [
        'It changes the type of orders.note from character varying(200) to character varying(50), which holds less.',
        'It drops the column orders.total, which has a value in 1000 of 1000 rows.',
      ],
      notes: ['Down does not bring back the old content of users.email, orders.total.'],
    });
    expect(migrations?.stages.map(({ name, error }) => [name, error])).toEqual([
      ['up', null],
      ['down', null],
      ['up again', null],
    ]);
    const [add, index] = migrations?.statements ?? [];
    expect(add).toMatchObject({
      sql: expect.stringMatching(/^alter table orders add column paid_at/),
      ...{ locks: [{ table: 'orders', mode: 'ACCESS EXCLUSIVE' }], rewrites: ['orders'], rows: 1000 },
    });
    expect(index).toMatchObject({ sql: 'create index on orders (user_id)', rewrites: [], rows: 1000 });
  });

  test.each([
    [
      'values that are there twice',
      change('create unique index on users (lower(email));', ''),
      /could not create unique index/,
    ],
    [
      'a down that restores another schema',
      change('alter table orders drop column total;', 'alter table orders add column total bigint;'),
      /^After down, the schema is not the old one: without column public\.orders\.total integer not null, with column public\.orders\.total bigint\.$/,
    ],
  ])('finds %s', async (_, files, fault) => {
    const migrations = await rehearse(files);
    expect(migrations?.faults).toEqual([expect.stringMatching(fault)]);
  });

  test('fills columns of every kind, in the order of their foreign keys', async () => {
    const onEveryKind = await rehearsals.open({ 'migrations/1_all.sql': everyKind });
    const index = 'create index concurrently on deep (cheap);';
    const migrations = await onEveryKind({ 'migrations/2_index.sql': index });
    expect(migrations).toMatchObject({ notRehearsed: null, faults: [], unfilled: [] });
    expect(migrations).toMatchObject({
      tables: 7,
      rows: 7000,
      notes: ['No file says how to undo these migrations.'],
    });
  });
});

describe('a rehearsal is not always possible', () => {
  test('if the migrations of the base fail', async () => {
    const broken = await rehearsals.open({ 'migrations/1.sql': 'create table a (x nothing);' });
    const migrations = await broken({ 'migrations/2.sql': 'create table b (x integer);' });
    expect(migrations?.notRehearsed).toMatch(
      /^the migrations of the base commit failed \(migrations\/1\.sql: type "nothing" does not exist\)/,
    );
  });
  test('but the first migration of all needs no other one', async () => {
    const migrations = await (await rehearsals.open({ 'a.js': '' }))(base);
    expect(migrations).toMatchObject({ notRehearsed: null, tables: 0, faults: [] });
    expect(migrations?.stages).toHaveLength(3);
  });
  test('and an edited migration is a fault of its own', async () => {
    const migrations = await rehearse({ 'migrations/1_first.sql': 'select 1;' });
    expect(migrations).toMatchObject({
      notRehearsed: 'the change adds none',
      faults: [expect.stringMatching(/edits migrations that the base branch already has.*1_first\.sql/)],
    });
  });
});

const everyKind = `
create type mood as enum ('sad', 'ok', 'happy');
create domain mail as text check (value ~ '^[^@]+@[^@]+$');
create table users (id serial primary key, code char(2) unique, mail mail not null unique, mood mood not null, moods mood[], parent integer references users);
create table every_type (id bigint generated always as identity primary key, a smallint not null, b integer not null,
  c bigint not null, d numeric(8,2) not null, d2 numeric(3,3) not null, e real not null, f double precision not null,
  g money not null, h boolean not null, i text not null, j varchar(10) not null, k char(5) not null, l uuid not null unique,
  m date not null, n timestamp not null, o timestamptz not null, p time not null, q timetz not null, r interval not null,
  s json not null, t jsonb not null, u bytea not null, v inet not null, w cidr not null, x macaddr not null,
  y bit(4) not null, z varbit not null, aa point not null, ab box not null, ac tsvector not null, ad int4range not null,
  ae tstzrange not null, af text[] not null, ag integer[] not null, twice integer generated always as (b * 2) stored);
create table deep (id uuid primary key, user_id integer not null references users, cheap numeric(3,2) not null check (cheap >= 0 and cheap <= 1),
  status text not null check (status in ('new', 'paid')), quantity integer not null check (quantity between 5 and 9),
  starts date not null, ends date not null, check (starts < ends), phone varchar(12) not null check (phone ~ '^[+][0-9]{11}$'),
  slug text not null check (slug ~ '^[a-z0-9-]+$'), a integer, b integer, check (num_nonnulls(a, b) = 1));
create table tags (id integer primary key, name varchar(3) not null unique);
create table deep_tags (deep_id uuid references deep, tag_id integer references tags, primary key (deep_id, tag_id));
create table circle_a (id serial primary key, b_id integer);
create table circle_b (id serial primary key, a_id integer not null references circle_a);
alter table circle_a add foreign key (b_id) references circle_b;
`;
