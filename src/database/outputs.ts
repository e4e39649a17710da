import { type Queryable, rowsOf } from './queryable.js';

/*
 * Stores the full outputs of a live run's commands, compressed with gzip. Any worker that continues the run
 * can then read them.
 */

/**
 * Maximum size of all stored outputs of one run together, in bytes. An output that would exceed it is not
 * stored.
 */
const maxRunBytes = 32 * 1024 * 1024;

/** Stores an output. Replaces an earlier output of the same name. */
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

export async function listOutputs(db: Queryable, runId: string): Promise<string[]> {
  const rows = await rowsOf(db, 'select name from pullwright.outputs where run_id = $1', [runId]);
  return rows.map(({ name }) => name);
}

/**
 * Reads an output.
 * @returns the gzip data, or null when the run has no such output
 */
export async function loadOutput(db: Queryable, runId: string, name: string): Promise<Buffer | null> {
  const sql = 'select gzip from pullwright.outputs where run_id = $1 and name = $2';
  const [row] = await rowsOf(db, sql, [runId, name]);
  return row?.gzip ?? null;
}
