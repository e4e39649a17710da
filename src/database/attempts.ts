import { type Queryable, rowsOf } from './queryable.js';

/*
 * Counts how often workers have started or continued a run since the run last made progress.
 * src/workflows/run/control/crash-loop-guard.ts uses the count to end a run that kills its workers.
 */

const isProgress = "key <> 'settled' and event ->> 'type' <> 'reply-abandoned'";

/**
 * Counts one attempt. An attempt begins when a worker starts or continues the run. If the run has recorded an
 * event since the previous attempt, the run made progress. In this case, the count starts again at 1, because
 * a run that makes progress is probably not what kills its workers. Two events do not reset the count:
 * `settled`, because workflows other than the run's own can record it, and `reply-abandoned`, because it
 * records that a reply was lost with a worker.
 * @returns the number of attempts since the last event, including this attempt
 */
export async function countAttempt(db: Queryable, runId: string): Promise<number> {
  const [row] = await rowsOf(
    db,
    `update pullwright.runs set attempted_at_event = latest.id,
       attempts = case when attempted_at_event is distinct from latest.id then 1 else attempts + 1 end
     from (select max(id) as id from pullwright.run_events where run_id = $1 and ${isProgress}) as latest
     where runs.id = $1 returning attempts`,
    [runId],
  );
  return row?.attempts ?? 0;
}

/**
 * Reads the number of attempts since the run's last event. A high number indicates that the run kills its
 * workers.
 * @returns the number of attempts. It is 0 in three cases. (1) The run made progress after the last attempt.
 * (2) The run is settled. (3) The run's last event is `waiting`. A waiting run does nothing that could kill a
 * worker.
 */
export async function readAttempts(db: Queryable, runId: string): Promise<number> {
  const [row] = await rowsOf(
    db,
    `select attempts from pullwright.runs, lateral (
       select id, event ->> 'type' as type from pullwright.run_events
       where run_id = runs.id and ${isProgress} order by id desc limit 1) as latest
     where runs.id = $1 and status <> 'settled' and attempted_at_event = latest.id and latest.type <> 'waiting'`,
    [runId],
  );
  return row?.attempts ?? 0;
}

/**
 * Subtracts one attempt from the run of each given workflow. Called after a graceful shutdown of a worker,
 * which shows that the attempt did not kill the worker.
 * @param workflowIds a run's workflow has the id of the run, or `<run id>@<version>` after a restart by
 * another version. The ids of workflows that belong to no run are ignored.
 */
export async function forgiveAttempts(db: Queryable, workflowIds: readonly string[]): Promise<void> {
  const sql = 'update pullwright.runs set attempts = greatest(attempts - 1, 0) where id::text = $1';
  for (const id of workflowIds) await rowsOf(db, sql, [id.split('@')[0]]);
}
