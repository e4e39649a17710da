-- Up Migration

-- One row per delivery that asked for something. A delivery that failed halfway is found again here.
create table deliveries (
  -- GitHub's X-GitHub-Delivery, or our own id for a trigger that came without a delivery.
  id text primary key,
  event text not null,
  trigger jsonb not null,
  received_at timestamptz not null default now(),
  -- `run <id>`, `refused: <reason>`, `not for us`, and the like; null while it is being decided.
  result text,
  -- The earlier delivery that asked for the same thing.
  duplicate_of text
);
create index deliveries_by_issue on deliveries
  ((trigger #>> '{repository,id}'), (trigger #>> '{issue,number}'));
create index deliveries_by_time on deliveries (received_at);

-- Deliveries that GitHub failed to make, until they arrive after all.
create table failed_deliveries (
  -- The delivery's id, the same in every attempt.
  guid text primary key,
  -- The newest attempt that failed.
  attempt bigint not null,
  failed_at timestamptz not null,
  -- How often we asked GitHub to redeliver, and which attempt we last asked about.
  asked integer not null default 0,
  asked_for bigint,
  -- The earliest time to ask again.
  next_at timestamptz not null default now()
);
create index failed_deliveries_by_time on failed_deliveries (next_at);

-- How far each recurring search has come.
create table watermarks (
  name text primary key,
  at timestamptz not null
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
create index issues_by_pull_request on issues (repository_id, pull_request);

-- Where a person with write access allowed what looks like a credential, for the change of one issue.
create table allowed_secrets (
  repository_id bigint not null,
  number integer not null,
  path text not null,
  -- 0: anywhere in the file.
  line integer not null,
  allowed_by text not null,
  primary key (repository_id, number, path, line)
);

create table runs (
  id uuid primary key,
  delivery_id text not null unique references deliveries (id),
  repository_id bigint not null,
  repository text not null,
  issue_number integer not null,
  requested_by text not null,
  trigger jsonb not null,
  workflow text not null default 'implement-issue' check (workflow in ('implement-issue', 'answer-review')),
  status text not null check (status in ('queued', 'running', 'settled')),
  outcome jsonb,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  settled_at timestamptz,
  -- When the issue was told about the run. The run does not start earlier: both write to the same comment.
  announced_at timestamptz,
  -- When the run was put in the queue; null while a limit holds it back.
  admitted_at timestamptz,
  -- The limit that holds it back, as people were told.
  held_reason text,
  -- Someone asked for the run to end while it works: { reason, keep }.
  stop jsonb,
  -- How often a worker picked the run up since its last event, and that event. See crash-loop-guard.ts.
  attempts integer not null default 0,
  attempted_at_event bigint,
  -- When people were reminded of the run's question, and when we stopped waiting for an answer.
  reminded_at timestamptz,
  question_closed_at timestamptz,
  -- The agent has submitted or asked a question: it takes no more messages.
  steering_closed boolean not null default false
);
-- One run per issue at a time. Follow-ups on a pull request wait in order, so several may exist.
create unique index one_live_run_per_issue on runs (repository_id, issue_number)
  where status <> 'settled' and workflow = 'implement-issue';
create index runs_by_time on runs (created_at desc);
create index runs_by_admission on runs (admitted_at);
create index runs_by_issue on runs (repository_id, issue_number, created_at desc);

create table run_events (
  id bigint generated always as identity primary key,
  run_id uuid not null references runs (id) on delete cascade,
  -- Names the event within its run, so that a step repeated after a crash does not record it twice.
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
create index spend_by_time on spend (at);

-- Full outputs of commands that the model saw shortened. They follow a live run to another machine.
create table outputs (
  run_id uuid not null references runs (id) on delete cascade,
  name text not null,
  gzip bytea not null,
  primary key (run_id, name)
);

-- Messages that people send to a run while it works, in the order they were sent.
create table steering_messages (
  id bigint generated always as identity primary key,
  run_id uuid not null references runs (id) on delete cascade,
  delivery_id text not null unique,
  author text not null,
  text text not null,
  -- The turn in which the agent got the message; 0: before the first one; null: not yet.
  delivered_in integer
);
create index steering_messages_by_run on steering_messages (run_id);

-- The worker processes. A row whose heartbeat stopped is a dead worker, and others take its runs over.
create table workers (
  id uuid primary key,
  -- One life of the worker. A process that was frozen and declared dead finds another epoch here, or no row.
  epoch uuid not null,
  host text not null,
  -- The version of the workflows that this worker runs.
  version text not null,
  started_at timestamptz not null default now(),
  beat_at timestamptz not null default now()
);
