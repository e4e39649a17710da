-- Up Migration

-- One row per delivery that asked for something. The row exists even if handling the delivery failed halfway.
create table deliveries (
  -- GitHub's X-GitHub-Delivery id, or our own id for a trigger that did not come from a delivery.
  id text primary key,
  event text not null,
  trigger jsonb not null,
  received_at timestamptz not null default now(),
  -- `run <id>`, `refused: <reason>`, `ignored` or similar. Null until Pullwright has decided about the
  -- trigger.
  result text,
  -- The id of an earlier delivery that asked for the same thing. Null if there is none.
  duplicate_of text
);
create index deliveries_by_issue on deliveries
  ((trigger #>> '{repository,id}'), (trigger #>> '{issue,number}'));
create index deliveries_by_time on deliveries (received_at);

-- Deliveries that GitHub reports as failed. Pullwright asks GitHub to redeliver those that have not arrived
-- since then.
create table failed_deliveries (
  -- The id of the delivery. It is the same in every attempt.
  guid text primary key,
  -- GitHub's id of the newest failed attempt.
  attempt bigint not null,
  failed_at timestamptz not null,
  -- How often we have asked GitHub to redeliver, and the attempt that we last asked GitHub to repeat.
  asked integer not null default 0,
  asked_for bigint,
  -- The earliest time of our next request.
  next_at timestamptz not null default now()
);
create index failed_deliveries_by_time on failed_deliveries (next_at);

-- For each periodic search, the time up to which it has searched. For each periodic job, the time when it
-- last started.
create table watermarks (
  name text primary key,
  at timestamptz not null
);

-- What the bot's runs for an issue have created on GitHub.
create table issues (
  repository_id bigint not null,
  number integer not null,
  progress_comment_id bigint,
  pull_request integer,
  -- The last commit that the bot pushed to its branch. The next push is refused if people have changed the
  -- branch since then.
  pushed_commit text,
  primary key (repository_id, number)
);
create index issues_by_pull_request on issues (repository_id, pull_request);

-- Places where a person with write access allowed text that looks like a credential. Each row applies only to
-- changes for its issue.
create table allowed_secrets (
  repository_id bigint not null,
  number integer not null,
  path text not null,
  -- 0 means the whole file.
  line integer not null,
  allowed_by text not null,
  primary key (repository_id, number, path, line)
);

-- Tests that had two results on the same code. They prove nothing and break nothing.
create table flaky_tests (
  repository_id bigint not null,
  -- The id of the test in the evidence. It contains the file.
  test text not null,
  seen_at timestamptz not null default now(),
  primary key (repository_id, test)
);
create index flaky_tests_by_time on flaky_tests (seen_at);

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
  -- When the bot announced the run on the issue. The run does not start before that time, because the
  -- announcement and the run write to the same comment.
  announced_at timestamptz,
  -- When the run was put on the work queue. Null while it waits, for example because of a limit.
  admitted_at timestamptz,
  -- The limit that keeps the run waiting, in the words that people were shown. Null if no limit does.
  held_reason text,
  -- A request to end the live run: { reason, keep }. Null if there is none.
  stop jsonb,
  -- How often workers have started or continued the run since its last event, and the id of that event. See
  -- crash-loop-guard.ts.
  attempts integer not null default 0,
  attempted_at_event bigint,
  -- When people were reminded of the run's question, and when the bot stopped waiting for an answer.
  reminded_at timestamptz,
  question_closed_at timestamptz,
  -- True if the run accepts no more messages, because its agent has submitted its work or asked a question.
  steering_closed boolean not null default false
);
-- An issue has at most one live run of `implement-issue`. Runs of `answer-review` wait for the runs before
-- them, so an issue can have several live ones.
create unique index one_live_run_per_issue on runs (repository_id, issue_number)
  where status <> 'settled' and workflow = 'implement-issue';
create index runs_by_time on runs (created_at desc);
create index runs_by_admission on runs (admitted_at);
create index runs_by_issue on runs (repository_id, issue_number, created_at desc);

create table run_events (
  id bigint generated always as identity primary key,
  run_id uuid not null references runs (id) on delete cascade,
  -- Identifies the event within its run. A step that is repeated after a crash cannot record the event twice.
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

-- One row per request to the model that may have cost something.
create table spend (
  run_id uuid not null references runs (id) on delete cascade,
  -- The turn whose reply was requested. 0 is the choice of the agent.
  turn integer not null,
  -- What the model was asked for, such as a reply or a summary.
  purpose text not null,
  -- Number of the request among those for the same purpose in this turn, from 1.
  attempt integer not null,
  -- `complete`: the reply arrived, and the API has counted its tokens. In all other rows, the numbers are
  -- estimates. `open`: the reply is awaited. The others say why the reply was abandoned.
  ending text not null check (ending in ('complete', 'open', 'silent', 'late', 'cut', 'stopped', 'lost')),
  model text not null,
  input_tokens integer not null,
  -- Tokens that were written to the cache, for five minutes or for an hour.
  cache_write_tokens integer not null,
  -- The part of cache_write_tokens that was written for an hour.
  cache_write_1h_tokens integer not null,
  cache_read_tokens integer not null,
  output_tokens integer not null,
  -- Null if the model has no known price.
  dollars numeric(12, 6),
  at timestamptz not null default now(),
  primary key (run_id, turn, purpose, attempt)
);
create index spend_by_time on spend (at);

-- Has a row while the model's API refuses this server's account. All runs wait until the operator fixes it.
create table account_hold (
  id boolean primary key default true check (id),
  -- The model whose request was refused. Pullwright probes it from time to time.
  model text not null,
  -- A clause for people.
  reason text not null,
  since timestamptz not null default now()
);

-- Full outputs of commands. The model saw only a shortened form of each. Another machine that continues the
-- run finds the outputs here.
create table outputs (
  run_id uuid not null references runs (id) on delete cascade,
  name text not null,
  gzip bytea not null,
  primary key (run_id, name)
);

-- Messages that people send to a run while it works. Their ids show the order in which they were sent.
create table steering_messages (
  id bigint generated always as identity primary key,
  run_id uuid not null references runs (id) on delete cascade,
  delivery_id text not null unique,
  author text not null,
  text text not null,
  -- The turn in which the agent received the message. 0 means before the first turn. Null means that the
  -- agent has not received it yet.
  delivered_in integer
);
create index steering_messages_by_run on steering_messages (run_id);

-- One row per worker process. A worker whose heartbeat has stopped counts as dead, and other workers take
-- over its runs.
create table workers (
  id uuid primary key,
  -- Identifies one start of the worker. If a process was declared dead while it was frozen, it later finds a
  -- different epoch here, or no row.
  epoch uuid not null,
  host text not null,
  -- The version of the workflows that this worker runs.
  version text not null,
  started_at timestamptz not null default now(),
  beat_at timestamptz not null default now()
);
