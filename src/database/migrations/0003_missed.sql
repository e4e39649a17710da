-- Up Migration

-- Deliveries that GitHub could not hand over, until they are here after all.
create table failed_deliveries (
  -- The delivery's id, the same in every attempt.
  guid text primary key,
  -- The newest attempt that failed.
  attempt bigint not null,
  failed_at timestamptz not null,
  -- How often GitHub was asked to try again, and for which attempt last.
  asked integer not null default 0,
  asked_for bigint,
  -- Not to be asked for before.
  next_at timestamptz not null default now()
);

-- How far what is looked through again and again was looked through.
create table marks (
  name text primary key,
  at timestamptz not null
);

-- The delivery that had asked for the same before: what was missed is found by looking, and may still be delivered.
alter table deliveries add column same_as text;

create index deliveries_by_issue on deliveries
  ((trigger #>> '{repository,id}'), (trigger #>> '{issue,number}'));
create index deliveries_by_time on deliveries (received_at);
create index failed_deliveries_by_time on failed_deliveries (next_at);
