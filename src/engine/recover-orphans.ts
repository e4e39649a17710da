import { DBOS, type WorkflowStatus } from '@dbos-inc/dbos-sdk';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../database/in-transaction.js';
import type { Log } from '../log.js';
import type { WorkerLease } from './lease.js';
import { restartOutdated } from './restart-outdated.js';

/** Any number that nothing else in this database locks on. */
const lock = 72_101_198;

interface Options {
  pool: Pool;
  lease: WorkerLease;
  deadAfterMs: number;
  /** Puts another workflow in the place of one that another version of the stories has begun. */
  replace: (workflow: WorkflowStatus) => Promise<void>;
  log: Log;
}

export interface OrphanRecovery {
  stop(): Promise<void>;
}

/**
 * Looks as often as hearts beat for workflows whose worker is dead, and puts them back on their queues. DBOS hands a
 * workflow over whole: what the old worker would still record is refused.
 */
export function recoverOrphans(options: Options): OrphanRecovery {
  const { lease, deadAfterMs, log } = options;
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking
      // Where the database was away, everyone was silent: the others get the time to be heard again.
      .then(() => (lease.steadyMs() > deadAfterMs ? orphanRecovery(options) : undefined))
      .catch((error) => log.warn({ err: error }, 'dead workers could not be looked for'));
  }, deadAfterMs / 6);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}

/** One worker at a time: two could otherwise put back what the other one has begun already. */
async function orphanRecovery({ pool, deadAfterMs, replace, log }: Options): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [
      lock,
    ]);
    if (rows[0]?.mine) {
      const seconds = deadAfterMs / 1000;
      const dead = await client.query<{ id: string; host: string }>(
        'delete from pullwright.workers where beat_at < now() - make_interval(secs => $1) returning id, host',
        [seconds],
      );
      // Before the rows are gone for everyone: a worker that finds its row gone has lost its workflows too.
      const moved = await requeueOrphans(client);
      if (dead.rows.length + moved.length > 0)
        log.warn({ dead: dead.rows, workflows: moved }, 'workflows of dead workers were taken over');
      const findVersions = async () => new Set((await listWorkers(client)).map(({ version }) => version));
      const replaced = await restartOutdated(findVersions, replace);
      if (replaced.length > 0)
        log.warn(
          { workflows: replaced },
          'workflows of another version, which no worker tells, were begun anew',
        );
    }
  });
}

/**
 * Nobody's is a workflow whose worker was there neither before nor after it was seen: one that enters meanwhile may have
 * begun it already, one that leaves meanwhile has handed it over.
 * @returns the ids of the workflows that were put back on their queues
 */
async function requeueOrphans(client: PoolClient): Promise<string[]> {
  const before = await listWorkers(client);
  const pending = await DBOS.listWorkflows({ status: 'PENDING', loadInput: false, loadOutput: false });
  // A worker that is back with other stories is not the one that had begun it.
  const known = new Set(
    [...before, ...(await listWorkers(client))].map(({ id, version }) => `${id} ${version}`),
  );
  const orphans = pending.filter(
    ({ executorId, applicationVersion }) => !known.has(`${executorId} ${applicationVersion}`),
  );
  for (const { workflowID, queueName } of orphans)
    await DBOS.resumeWorkflow(workflowID, { ...(queueName && { queueName }) });
  return orphans.map(({ workflowID }) => workflowID);
}

async function listWorkers(client: PoolClient): Promise<{ id: string; version: string }[]> {
  return (await client.query<{ id: string; version: string }>('select id, version from pullwright.workers'))
    .rows;
}
