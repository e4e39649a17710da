import type { Scope, Usage, WaitingRun } from '../runs/admission.js';
import { type Queryable, rowsOf } from './queryable.js';

/*
 * Reads which runs wait for admission and what counts against the limits. Decide and write in one transaction
 * that called `lockAdmission`. Otherwise the data may change before you commit.
 */

/** Lets no other transaction admit runs until the current transaction ends. */
export async function lockAdmission(db: Queryable): Promise<void> {
  await rowsOf(db, "select pg_advisory_xact_lock(hashtextextended('admission of runs', 0))");
}

/** The issue was told about the run, so the run may be admitted from now on. */
export async function markAnnounced(db: Queryable, runId: string): Promise<void> {
  await rowsOf(db, 'update pullwright.runs set announced_at = coalesce(announced_at, now()) where id = $1', [
    runId,
  ]);
}

/**
 * The runs that wait for admission, oldest first.
 * @param alsoRunId a run to include although its issue was not told about it yet
 */
export async function listWaitingRuns(
  db: Queryable,
  alsoRunId: string | null = null,
): Promise<(WaitingRun & { heldReason: string | null })[]> {
  return rowsOf<WaitingRun & { heldReason: string | null }>(
    db,
    `select id, trigger #>> '{sender,id}' as "user", requested_by as login, repository_id::text as repository,
       held_reason as "heldReason"
     from pullwright.runs
     where status = 'queued' and admitted_at is null and (announced_at is not null or id::text = $1)
     order by created_at, id`,
    [alsoRunId],
  );
}

/** Per scope: the column of the query below that identifies whose limit it is. */
const scopeKeys = { user: 'sender', repository: 'repository', server: "''" } satisfies Record<Scope, string>;

/**
 * $1: the start of the day in UTC. A live run counts with the whole budget that it may still spend ($2, $3).
 */
const usageSql = `
  with used as (
    select runs.id, trigger #>> '{sender,id}' as sender, repository_id::text as repository,
      status <> 'settled' as live, admitted_at >= $1 as today,
      coalesce(sum(input_tokens + cache_write_tokens + cache_read_tokens + output_tokens), 0) as all_tokens,
      coalesce(sum(dollars), 0) as all_dollars,
      coalesce(sum(input_tokens + cache_write_tokens + cache_read_tokens + output_tokens)
        filter (where at >= $1), 0) as tokens,
      coalesce(sum(dollars) filter (where at >= $1), 0) as dollars
    from pullwright.runs left join pullwright.spend on spend.run_id = runs.id
    where admitted_at is not null and (status <> 'settled' or settled_at >= $1)
    group by runs.id
  )
  select scope, key, count(*) filter (where live)::int as "atOnce", count(*) filter (where today)::int as runs,
    sum(tokens + case when live then greatest($2 - all_tokens, 0) else 0 end)::float8 as tokens,
    sum(dollars + case when live then greatest($3 - all_dollars, 0) else 0 end)::float8 as dollars
  from used, lateral (values ${Object.entries(scopeKeys)
    .map(([scope, key]) => `('${scope}', ${key})`)
    .join(', ')}) as scopes (scope, key)
  group by scope, key`;

/**
 * What counts against today's limits (UTC).
 * @param budget what one run may spend at most
 * @returns a function that looks up the usage of one person (by GitHub's user id), one repository (by id) or
 * the server (key '')
 */
export async function readUsage(
  db: Queryable,
  now: Date,
  budget: { tokens: number; dollars: number },
): Promise<(scope: Scope, key: string) => Usage> {
  const startOfDay = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));
  const rows = await rowsOf<Usage & { scope: Scope; key: string }>(db, usageSql, [
    startOfDay,
    budget.tokens,
    budget.dollars,
  ]);
  const known = new Map(rows.map((row) => [`${row.scope} ${row.key}`, row]));
  return (scope, key) => known.get(`${scope} ${key}`) ?? { atOnce: 0, runs: 0, tokens: 0, dollars: 0 };
}

export async function markAdmitted(db: Queryable, runId: string): Promise<void> {
  await rowsOf(db, 'update pullwright.runs set admitted_at = now(), held_reason = null where id = $1', [
    runId,
  ]);
}

/** @param reason the limit that keeps the run in the queue, in words for people */
export async function markHeld(db: Queryable, runId: string, reason: string): Promise<void> {
  await rowsOf(db, 'update pullwright.runs set held_reason = $2 where id = $1', [runId, reason]);
}
