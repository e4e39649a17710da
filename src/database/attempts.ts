import { type Queryable, rowsOf } from './queryable.js';

/*
 * How often workers picked a run up without any progress in between.
 * src/workflows/run/control/crash-loop-guard.ts uses it to end a run that kills its workers.
 */

/**
 * Counts that a worker starts or continues the run. Any new event since the last attempt resets the count,
 * because a run that makes progress does not kill its workers. A `settled` event is not progress: it can come
 * from outside.
 * @returns the number of attempts since the last event, including this one
 */
export async function countAttempt(db: Queryable, runId: string): Promise<number> {
  const [row] = await rowsOf(
    db,
    `update pullwright.runs set attempted_at_event = latest.id,
       attempts = case when attempted_at_event is distinct from latest.id then 1 else attempts + 1 end
     from (select max(id) as id from pullwright.run_events where run_id = $1 and key <> 'settled') as latest
     where runs.id = $1 returning attempts`,
    [runId],
  );
  return row?.attempts ?? 0;
}

/**
 * @returns the number of attempts since the last event; 0 when the run made progress after the last attempt,
 * is settled, or is only waiting, which kills no worker
 */
export async function readAttempts(db: Queryable, runId: string): Promise<number> {
  const [row] = await rowsOf(
    db,
    `select attempts from pullwright.runs, lateral (
       select id, event ->> 'type' as type from pullwright.run_events
       where run_id = runs.id and key <> 'settled' order by id desc limit 1) as latest
     where runs.id = $1 and status <> 'settled' and attempted_at_event = latest.id and latest.type <> 'waiting'`,
    [runId],
  );
  return row?.attempts ?? 0;
}

/**
 * Takes back one attempt per workflow, because its worker stopped in an orderly way.
 * @param workflowIds ids that belong to no run are ignored; the part after an `@` is the version that
 * restarted it
 */
export async function forgiveAttempts(db: Queryable, workflowIds: readonly string[]): Promise<void> {
  const sql = 'update pullwright.runs set attempts = greatest(attempts - 1, 0) where id::text = $1';
  for (const id of workflowIds) await rowsOf(db, sql, [id.split('@')[0]]);
}
