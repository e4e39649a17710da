import { type Queryable, rowsOf } from './queryable.js';

/*
 * Stores checkpoints as git bundles. A checkpoint is a commit of the agent's files after a turn. A worker on
 * any machine can continue the run from the bundle.
 */

export async function saveCheckpoint(
  db: Queryable,
  runId: string,
  commit: string,
  bundle: Buffer,
): Promise<void> {
  await rowsOf(
    db,
    'insert into pullwright.checkpoints (run_id, commit, bundle) values ($1, $2, $3) on conflict do nothing',
    [runId, commit, bundle],
  );
}

/**
 * Reads the bundle of a checkpoint.
 * @returns null when the run has no such checkpoint
 */
export async function loadCheckpoint(db: Queryable, runId: string, commit: string): Promise<Buffer | null> {
  const sql = 'select bundle from pullwright.checkpoints where run_id = $1 and commit = $2';
  const [row] = await rowsOf(db, sql, [runId, commit]);
  return row?.bundle ?? null;
}

/**
 * Copies a checkpoint from an earlier run to the run that continues its work.
 * @returns false when there is no such checkpoint
 */
export async function copyCheckpoint(
  db: Queryable,
  fromRunId: string,
  toRunId: string,
  commit: string,
): Promise<boolean> {
  await rowsOf(
    db,
    `insert into pullwright.checkpoints (run_id, commit, bundle)
     select $2, commit, bundle from pullwright.checkpoints where run_id = $1 and commit = $3
     on conflict do nothing`,
    [fromRunId, toRunId, commit],
  );
  return (await loadCheckpoint(db, toRunId, commit)) !== null;
}
