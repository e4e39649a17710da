import { deleteExpiredRuns } from '../../database/delete-expired-runs.js';
import { isRepositoryBusy, listLiveRunIds } from '../../database/runs.js';
import { deleteExpiredWorkflows, type Workflows } from '../../engine/delete-expired-workflows.js';
import type { Dependencies } from '../dependencies.js';

const dayMs = 24 * 3_600_000;
const gigabyte = 1024 ** 3;
/**
 * The maximum number of days for which these are kept: transcripts, the last checkpoint of each settled run,
 * deliveries, and unused mirrors.
 */
const shortDays = 30;
/**
 * The minimum number of days that deliveries are kept. It is longer than the three days that the search for
 * missed triggers covers. Without the record of a delivery, that search would report its trigger again.
 */
const leastDays = 4;
const maxCheckpointBytes = 2 * gigabyte;

/** Deletes expired data from the database. docs/configuration.md lists how long each kind of data is kept. */
export async function deleteExpired(
  { db, config, log, now }: Pick<Dependencies, 'db' | 'log' | 'now'> & { config: { keepDays: number } },
  workflows: Workflows,
): Promise<void> {
  const before = (days: number) => new Date(now().getTime() - days * dayMs);
  const short = Math.min(shortDays, config.keepDays);
  const rows = await deleteExpiredRuns(db, {
    runsBefore: before(config.keepDays),
    checkpointsBefore: before(short),
    deliveriesBefore: before(Math.max(short, leastDays)),
    failedDeliveriesBefore: before(leastDays),
    maxCheckpointBytes,
  });
  const transcripts = await deleteExpiredWorkflows(workflows, before(Math.max(short, leastDays)));
  if (transcripts + Object.values(rows).reduce((sum, count) => sum + count, 0) > 0)
    log.info({ ...rows, transcripts }, 'deleted expired records');
}

interface Machine {
  mirrors: Pick<Dependencies['mirrors'], 'tidy'>;
  workspaces: Pick<Dependencies['workspaces'], 'sweep'>;
}

/**
 * Packs or removes mirrors on this machine, and removes the workspaces of settled runs. A run that moved to
 * another machine may have left its workspace here.
 */
export async function tidyMachine({
  db,
  config,
  mirrors,
  workspaces,
  log,
  now,
}: Pick<Dependencies, 'db' | 'log' | 'now'> & Machine & { config: { mirrorsGb: number } }): Promise<void> {
  const unusedSince = new Date(now().getTime() - shortDays * dayMs);
  const limits = { unusedSince, maxBytes: config.mirrorsGb * gigabyte };
  const { packed, removed } = await mirrors.tidy(limits, (id) => isRepositoryBusy(db, id));
  if (packed.length + removed.length > 0) log.info({ packed, removed }, 'packed or removed mirrors');
  await workspaces.sweep(await listLiveRunIds(db));
}
