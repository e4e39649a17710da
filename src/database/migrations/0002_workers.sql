-- Up Migration

-- Who works here. A row that is not brought up to date any more is a dead worker, whose runs others take over.
create table workers (
  id uuid primary key,
  -- Of this life of the worker: a process that was frozen and taken for dead finds another one here, or none.
  epoch uuid not null,
  host text not null,
  started_at timestamptz not null default now(),
  beat_at timestamptz not null default now()
);

-- How often a worker began, or went on, with the run since its last event: what ends its worker every time at the same
-- place has to end itself.
alter table runs add column attempts integer not null default 0;
-- The last event that there was at the last attempt.
alter table runs add column attempted_at_event bigint;
