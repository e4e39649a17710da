import { expect, test } from '@jest/globals';
import { useRehearsals } from './use-rehearsals.js';

const { rehearse } = useRehearsals();

const first = `-- migrate:up
create table users (id serial primary key, email text not null unique);
create table orders (id bigserial primary key, user_id integer not null references users, note text, total numeric(8,2) not null);
-- migrate:down
drop table orders; drop table users;
`;

test('a good migration is applied, undone and applied again on rows', async () => {
  const migrations = await rehearse({
    base: { 'migrations/001_first.sql': first },
    change: {
      'migrations/002_paid.sql': `-- migrate:up
alter table orders add column paid_at timestamptz default clock_timestamp();
create index on orders (user_id);
-- migrate:down
drop index orders_user_id_idx;
alter table orders drop column paid_at;
`,
    },
  });
  expect(migrations).toMatchObject({ notRehearsed: null, faults: [], tables: 2, rows: 2000, unfilled: [] });
  console.log(JSON.stringify(migrations, null, 1));
});
