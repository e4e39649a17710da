import { explainDatabaseError } from './connection/explain-database-error.js';
import type { Queryable } from './queryable.js';

/** Limits that decide which rows `deleteExpiredRuns` deletes. */
export interface Retention {
  /** Runs that settled before this time are deleted, together with their events and their spend. */
  runsBefore: Date;
  /**
   * If a run settled before this time, its last checkpoint is deleted. The earlier checkpoints of a settled
   * run are deleted regardless of this time.
   */
  checkpointsBefore: Date;
  deliveriesBefore: Date;
  failedDeliveriesBefore: Date;
  /**
   * Maximum size of the checkpoints of all settled runs together, in bytes. If it is exceeded, the
   * checkpoints of the runs that settled first are deleted first.
   */
  maxCheckpointBytes: number;
}

/**
 * Maximum number of rows that one statement deletes. More rows could exceed the statement timeout of eight
 * seconds.
 */
const batchSize = 1000;

/**
 * Deletes expired rows from the tables of the schema `pullwright`. Rows of live runs are never deleted.
 * @returns the number of deleted rows per table
 */
export async function deleteExpiredRuns(
  db: Queryable,
  retention: Retention,
): Promise<Record<string, number>> {
  const { runsBefore, checkpointsBefore, deliveriesBefore, failedDeliveriesBefore } = retention;
  const remove = async (table: string, condition: string, values: unknown[]) => {
    const sql = `delete from pullwright.${table} where ctid = any (array(
      select t.ctid from pullwright.${table} t where ${condition} limit ${batchSize}))`;
    for (let removed = 0; ; ) {
      const { rowCount } = await db.query(sql, values).catch((error) => {
        throw explainDatabaseError(error);
      });
      removed += rowCount ?? 0;
      if ((rowCount ?? 0) < batchSize) return removed;
    }
  };

  const earlier = await remove(
    'checkpoints',
    `exists (select from pullwright.runs r where r.id = t.run_id and r.status = 'settled')
     and exists (select from pullwright.checkpoints n where n.run_id = t.run_id
                 and (n.created_at, n.commit) > (t.created_at, t.commit))`,
    [],
  );
  const expired = await remove(
    'checkpoints',
    'exists (select from pullwright.runs r where r.id = t.run_id and r.settled_at < $1)',
    [checkpointsBefore],
  );
  const overLimit = await remove(
    'checkpoints',
    `(t.run_id, t.commit) in (
       select run_id, commit from (
         select c.run_id, c.commit, sum(octet_length(c.bundle)) over (order by r.settled_at desc, r.id) as bytes
         from pullwright.checkpoints c join pullwright.runs r on r.id = c.run_id and r.status = 'settled') kept
       where bytes > $1)`,
    [retention.maxCheckpointBytes],
  );
  return {
    checkpoints: earlier + expired + overLimit,
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
    flakyTests: await remove('flaky_tests', 't.seen_at < $1', [runsBefore]),
    // Old watermarks belong to repositories from which the App was uninstalled, or to workers that no longer
    // exist.
    watermarks: await remove('watermarks', 't.at < $1', [deliveriesBefore]),
  };
}
