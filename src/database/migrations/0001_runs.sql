-- Up Migration

-- One row per delivery that asked for something. A delivery that failed half way is found here again, not lost.
create table deliveries (
  id text primary key,
  event text not null,
  trigger jsonb not null,
  received_at timestamptz not null default now(),
  -- What came of it: `run <id>`, `refused: <why>`, `not for us`; null while it is being decided.
  outcome text
);

-- What the bot has on GitHub for an issue, whichever run made it.
create table issues (
  repository_id bigint not null,
  number integer not null,
  progress_comment_id bigint,
  pull_request integer,
  -- The last commit that we pushed to the bot's branch: the lease for the next push.
  pushed_commit text,
  primary key (repository_id, number)
);

create table runs (
  id uuid primary key,
  delivery_id text not null unique references deliveries (id),
  repository_id bigint not null,
  repository text not null,
  issue_number integer not null,
  requested_by text not null,
  trigger jsonb not null,
  status text not null check (status in ('queued', 'running', 'settled')),
  settlement jsonb,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  settled_at timestamptz
);

-- One run per issue at a time, whoever asks and however often.
create unique index one_live_run_per_issue on runs (repository_id, issue_number) where status <> 'settled';
create index runs_by_time on runs (created_at desc);

create table run_events (
  id bigint generated always as identity primary key,
  run_id uuid not null references runs (id) on delete cascade,
  -- Names the event within its run, so that a step that is done again after a crash does not tell it twice.
  key text not null,
  at timestamptz not null default now(),
  event jsonb not null,
  unique (run_id, key)
);

create table checkpoints (
  run_id uuid not null references runs (id) on delete cascade,
  commit text not null,
  bundle bytea not null,
  created_at timestamptz not null default now(),
  primary key (run_id, commit)
);

create table spend (
  run_id uuid not null references runs (id) on delete cascade,
  turn integer not null,
  model text not null,
  input_tokens integer not null,
  cache_write_tokens integer not null,
  cache_read_tokens integer not null,
  output_tokens integer not null,
  -- Null: the model has no known price.
  dollars numeric(12, 6),
  at timestamptz not null default now(),
  primary key (run_id, turn)
);
