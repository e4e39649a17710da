import type { Pool } from 'pg';
import { rowsOf } from './rows-of.js';

/** Whole outputs of a live run's commands, packed, for when it goes on with another worker. */
export interface OutputStore {
  /** Again with the same name replaces; beyond what one run may have, nothing more is kept. */
  save(runId: string, name: string, gzip: Buffer): Promise<void>;
  list(runId: string): Promise<string[]>;
  load(runId: string, name: string): Promise<Buffer | null>;
}

const maxRunBytes = 32 * 1024 * 1024;

export function openOutputStore(database: Pick<Pool, 'query'>): OutputStore {
  const rows = rowsOf(database);
  return {
    save: async (runId, name, gzip) => {
      await rows(
        `insert into pullwright.outputs (run_id, name, gzip)
         select $1::uuid, $2::text, $3::bytea where (select coalesce(sum(octet_length(gzip)), 0) + octet_length($3::bytea)
                                  from pullwright.outputs where run_id = $1 and name <> $2) <= $4
         on conflict (run_id, name) do update set gzip = excluded.gzip`,
        [runId, name, gzip, maxRunBytes],
      );
    },
    list: async (runId) =>
      (await rows('select name from pullwright.outputs where run_id = $1', [runId])).map(({ name }) => name),
    load: async (runId, name) =>
      (await rows('select gzip from pullwright.outputs where run_id = $1 and name = $2', [runId, name]))[0]
        ?.gzip ?? null,
  };
}
