import type { Scope, Usage, WaitingRun } from '../runs/admission.js';
import { type Queryable, rowsOf } from './queryable.js';

/*
 * Reads the runs that wait for admission, and the usage that counts against the limits. Callers must call
 * `lockAdmission` first, and then read, decide and write in the same transaction. Otherwise another
 * transaction can change the data in between.
 */

/** Prevents other transactions from admitting runs until the current transaction ends. */
export async function lockAdmission(db: Queryable): Promise<void> {
  await rowsOf(db, "select pg_advisory_xact_lock(hashtextextended('admission of runs', 0))");
}

/** Records that the bot has announced the run on its issue. From now on the run can be admitted. */
export async function markAnnounced(db: Queryable, runId: string): Promise<void> {
  await rowsOf(db, 'update pullwright.runs set announced_at = coalesce(announced_at, now()) where id = $1', [
    runId,
  ]);
}

/**
 * Lists the runs that wait for admission, oldest first.
 * @param alsoRunId a run to include even if the bot has not announced it on its issue yet; null for none
 */
export async function listWaitingRuns(
  db: Queryable,
  alsoRunId: string | null = null,
): Promise<(WaitingRun & { heldReason: string | null; mayContinue: boolean; createdAt: Date })[]> {
  return rowsOf(
    db,
    `select id, trigger #>> '{sender,id}' as "user", requested_by as login, repository_id::text as repository,
       held_reason as "heldReason", created_at as "createdAt",
       coalesce((trigger ->> 'mayContinue')::boolean, false) as "mayContinue"
     from pullwright.runs
     where status = 'queued' and admitted_at is null and (announced_at is not null or id::text = $1)
     order by created_at, id`,
    [alsoRunId],
  );
}

/** Maps each scope to the SQL expression by which `usageSql` groups the usage. */
const scopeKeys = { user: 'sender', repository: 'repository', server: "''" } satisfies Record<Scope, string>;

/**
 * Sums up the usage per user, per repository and for the whole server. For a live run, the sums include the
 * unspent part of its budget, in addition to what it has spent. $1 is the start of the day in UTC. $2 and $3
 * are the tokens and dollars of one run's budget.
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
 * Reads the usage that counts against today's limits. A day starts at midnight UTC.
 * @param budget the most that one run may spend
 * @returns a function that looks up the usage of one person (by GitHub's user id), one repository (by id) or
 * the whole server (by the key '')
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

/**
 * Records that a limit keeps the run in the queue.
 * @param reason a human-readable description of the limit
 */
export async function markHeld(db: Queryable, runId: string, reason: string): Promise<void> {
  await rowsOf(db, 'update pullwright.runs set held_reason = $2 where id = $1', [runId, reason]);
}
