import type { Pool } from 'pg';
import { explainDatabaseError } from './explain-database-error.js';

/** Until when things are old; and how much of one kind may be there. */
export interface Retention {
  /** Runs that were settled before, with their events and what they cost. */
  runsBefore: Date;
  /** The last checkpoint of a settled run; the others go with its outcome. */
  checkpointsBefore: Date;
  deliveriesBefore: Date;
  failedDeliveriesBefore: Date;
  /** Checkpoints of settled runs together; the oldest go first. */
  maxCheckpointBytes: number;
}

/** Rows at a time: a statement has eight seconds. */
const batch = 1000;

/** Removes what is old from our own tables; nothing of a run that is live. @returns rows per table */
export async function deleteExpiredRuns(
  database: Pick<Pool, 'query'>,
  retention: Retention,
): Promise<Record<string, number>> {
  const { runsBefore, checkpointsBefore, deliveriesBefore, failedDeliveriesBefore } = retention;
  const remove = async (table: string, condition: string, values: unknown[]) => {
    const sql = `delete from pullwright.${table} where ctid = any (array(
      select t.ctid from pullwright.${table} t where ${condition} limit ${batch}))`;
    for (let removed = 0; ; ) {
      const { rowCount } = await database.query(sql, values).catch((error) => {
        throw explainDatabaseError(error);
      });
      removed += rowCount ?? 0;
      if ((rowCount ?? 0) < batch) return removed;
    }
  };

  const superseded = await remove(
    'checkpoints',
    `exists (select from pullwright.runs r where r.id = t.run_id and r.status = 'settled')
     and exists (select from pullwright.checkpoints n where n.run_id = t.run_id
                 and (n.created_at, n.commit) > (t.created_at, t.commit))`,
    [],
  );
  const old = await remove(
    'checkpoints',
    'exists (select from pullwright.runs r where r.id = t.run_id and r.settled_at < $1)',
    [checkpointsBefore],
  );
  const tooMany = await remove(
    'checkpoints',
    `(t.run_id, t.commit) in (
       select run_id, commit from (
         select c.run_id, c.commit, sum(octet_length(c.bundle)) over (order by r.settled_at desc, r.id) as bytes
         from pullwright.checkpoints c join pullwright.runs r on r.id = c.run_id and r.status = 'settled') kept
       where bytes > $1)`,
    [retention.maxCheckpointBytes],
  );
  return {
    checkpoints: superseded + old + tooMany,
    outputs: await remove(
      'outputs',
      "exists (select from pullwright.runs r where r.id = t.run_id and r.status = 'settled')",
      [],
    ),
    runs: await remove('runs', "t.status = 'settled' and t.settled_at < $1", [runsBefore]),
    deliveries: await remove(
      'deliveries',
      `t.received_at < $1 and t.result is not null
       and not exists (select from pullwright.runs r where r.delivery_id = t.id)`,
      [deliveriesBefore],
    ),
    failedDeliveries: await remove('failed_deliveries', 't.failed_at < $1', [failedDeliveriesBefore]),
    // Of repositories that the App is no longer installed on, and of workers that are gone.
    watermarks: await remove('watermarks', 't.at < $1', [deliveriesBefore]),
  };
}
