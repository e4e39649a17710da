import { type Queryable, rowsOf } from './queryable.js';

/*
 * Full outputs of a live run's commands, compressed with gzip, so that they follow the run to another worker.
 */

/** How much one run may store; outputs beyond it are dropped. */
const maxRunBytes = 32 * 1024 * 1024;

/** Replaces an output of the same name. */
export async function saveOutput(db: Queryable, runId: string, name: string, gzip: Buffer): Promise<void> {
  await rowsOf(
    db,
    `insert into pullwright.outputs (run_id, name, gzip)
     select $1::uuid, $2::text, $3::bytea
     where (select coalesce(sum(octet_length(gzip)), 0) + octet_length($3::bytea)
            from pullwright.outputs where run_id = $1 and name <> $2) <= $4
     on conflict (run_id, name) do update set gzip = excluded.gzip`,
    [runId, name, gzip, maxRunBytes],
  );
}

/** The names of the run's outputs. */
export async function listOutputs(db: Queryable, runId: string): Promise<string[]> {
  const rows = await rowsOf(db, 'select name from pullwright.outputs where run_id = $1', [runId]);
  return rows.map(({ name }) => name);
}

/** @returns the gzip data, or null when the run has no such output */
export async function loadOutput(db: Queryable, runId: string, name: string): Promise<Buffer | null> {
  const sql = 'select gzip from pullwright.outputs where run_id = $1 and name = $2';
  const [row] = await rowsOf(db, sql, [runId, name]);
  return row?.gzip ?? null;
}
