-- Up Migration

-- What people say to a run that is going on, in the order it was said.
create table words (
  id bigint generated always as identity primary key,
  run_id uuid not null references runs (id) on delete cascade,
  delivery_id text not null unique,
  author text not null,
  text text not null,
  -- The turn in which the agent was told; 0: before the first one.
  heard_in integer
);
create index words_run_id on words (run_id);

-- The agent has submitted, or asked: who has more to say is told so.
alter table runs add column words_closed boolean not null default false;
