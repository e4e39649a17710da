import type { PoolClient } from 'pg';
import type { Scope, Usage, WaitingRun } from '../runs/admission.js';

/** The day is UTC's. What runs that are going may still spend counts as spent. */
const usageSql = `
  with used as (
    select runs.id, trigger #>> '{sender,id}' as person, repository_id::text as repository,
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
  from used, lateral (values ('person', person), ('repository', repository), ('server', '')) as scopes (scope, key)
  group by scope, key`;

/** Of a transaction: what it reads has to be true until it is committed. */
export function openAdmissionStore(client: Pick<PoolClient, 'query'>) {
  return {
    /** Until the end of the transaction nobody else lets runs in. */
    async lock(): Promise<void> {
      await client.query("select pg_advisory_xact_lock(hashtextextended('admission of runs', 0))");
    },

    async markAnnounced(id: string): Promise<void> {
      await client.query(
        'update pullwright.runs set announced_at = coalesce(announced_at, now()) where id = $1',
        [id],
      );
    },

    /**
     * In the order that they were asked for.
     * @param andThis to be looked at too, though it was not announced yet
     */
    async listWaiting(
      andThis: string | null = null,
    ): Promise<(WaitingRun & { heldReason: string | null })[]> {
      const { rows } = await client.query(
        `select id, trigger #>> '{sender,id}' as person, requested_by as login, repository_id::text as repository,
           held_reason as "heldReason"
         from pullwright.runs
         where status = 'queued' and admitted_at is null and (announced_at is not null or id::text = $1)
         order by created_at, id`,
        [andThis],
      );
      return rows;
    },

    async readUsage(
      now: Date,
      budget: { tokens: number; dollars: number },
    ): Promise<(scope: Scope, key: string) => Usage> {
      const { rows } = await client.query<Usage & { scope: Scope; key: string }>(usageSql, [
        new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate())),
        budget.tokens,
        budget.dollars,
      ]);
      const known = new Map(rows.map((row) => [`${row.scope} ${row.key}`, row]));
      return (scope, key) => known.get(`${scope} ${key}`) ?? { atOnce: 0, runs: 0, tokens: 0, dollars: 0 };
    },

    async markAdmitted(id: string): Promise<void> {
      await client.query('update pullwright.runs set admitted_at = now(), held_reason = null where id = $1', [
        id,
      ]);
    },

    async markHeld(id: string, reason: string): Promise<void> {
      await client.query('update pullwright.runs set held_reason = $2 where id = $1', [id, reason]);
    },
  };
}
