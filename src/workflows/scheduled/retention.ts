import type { Pool } from 'pg';
import { deleteExpiredRuns } from '../../database/delete-expired-runs.js';
import type { RunStore } from '../../database/run-store.js';
import { deleteExpiredWorkflows, type Workflows } from '../../engine/delete-expired-workflows.js';
import type { Log } from '../../log.js';
import type { Mirrors, Workspaces } from '../../workspace/workspace.js';

interface Parts {
  database: Pick<Pool, 'query'>;
  workflows: Workflows;
  store: Pick<RunStore, 'isRepositoryBusy' | 'liveRunIds'>;
  mirrors: Pick<Mirrors, 'tidy'>;
  workspaces: Pick<Workspaces, 'sweep'>;
  keepDays: number;
  mirrorsGb: number;
  log: Log;
  now: () => Date;
}

const dayMs = 24 * 3_600_000;
const gigabyte = 1024 ** 3;
/** Transcripts, last checkpoints, deliveries, unused mirrors: at most so long. */
const shortDays = 30;
/** Deliveries are looked back at for three days; who forgot them would answer again. */
const leastDays = 4;
const maxCheckpointBytes = 2 * gigabyte;

/** Gives everything that is kept its end. docs/configuration.md says what is kept for how long. */
export function createRetention(parts: Parts) {
  const { keepDays, log, now } = parts;
  const before = (days: number) => new Date(now().getTime() - days * dayMs);
  const short = Math.min(shortDays, keepDays);
  return {
    /** What all workers share. */
    async forgetWhatIsOld(): Promise<void> {
      const rows = await deleteExpiredRuns(parts.database, {
        runsBefore: before(keepDays),
        checkpointsBefore: before(short),
        deliveriesBefore: before(Math.max(short, leastDays)),
        failedDeliveriesBefore: before(leastDays),
        maxCheckpointBytes,
      });
      const transcripts = await deleteExpiredWorkflows(parts.workflows, before(Math.max(short, leastDays)));
      if (transcripts + Object.values(rows).reduce((sum, count) => sum + count, 0) > 0)
        log.info({ ...rows, transcripts }, 'what is old was removed from the database');
    },

    /** What this machine has. */
    async tidyMachine(): Promise<void> {
      const limits = { unusedSince: before(shortDays), maxBytes: parts.mirrorsGb * gigabyte };
      const { packed, removed } = await parts.mirrors.tidy(limits, (id) => parts.store.isRepositoryBusy(id));
      if (packed.length + removed.length > 0) log.info({ packed, removed }, 'mirrors were packed or removed');
      // Of runs that went on elsewhere.
      await parts.workspaces.sweep(await parts.store.liveRunIds());
    },
  };
}
