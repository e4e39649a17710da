-- Up Migration

-- Whole outputs of commands, of which the model was shown the two ends: they follow a live run to another machine.
create table outputs (
  run_id uuid not null references runs (id) on delete cascade,
  name text not null,
  gzip bytea not null,
  primary key (run_id, name)
);
