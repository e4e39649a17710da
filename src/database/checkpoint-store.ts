import type { Pool } from 'pg';
import { rowsOf } from './rows-of.js';

/** Git bundles of a run's tree, base..checkpoint; any machine can go on from them. Every write may be repeated. */
export function openCheckpointStore(database: Pick<Pool, 'query'>) {
  const rows = rowsOf(database);
  const load = async (runId: string, commit: string): Promise<Buffer | null> => {
    const [row] = await rows('select bundle from pullwright.checkpoints where run_id = $1 and commit = $2', [
      runId,
      commit,
    ]);
    return row?.bundle ?? null;
  };
  return {
    load,

    async save(runId: string, commit: string, bundle: Buffer): Promise<void> {
      await rows(
        'insert into pullwright.checkpoints (run_id, commit, bundle) values ($1, $2, $3) on conflict do nothing',
        [runId, commit, bundle],
      );
    },

    /** Another run goes on with this one's. @returns false when there is no such checkpoint */
    async copy(from: string, to: string, commit: string): Promise<boolean> {
      await rows(
        `insert into pullwright.checkpoints (run_id, commit, bundle)
         select $2, commit, bundle from pullwright.checkpoints where run_id = $1 and commit = $3
         on conflict do nothing`,
        [from, to, commit],
      );
      return (await load(to, commit)) !== null;
    },
  };
}
