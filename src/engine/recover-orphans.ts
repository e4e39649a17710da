import { DBOS, type WorkflowStatus } from '@dbos-inc/dbos-sdk';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../database/connection/in-transaction.js';
import type { Log } from '../log.js';
import type { WorkerLease } from './lease.js';
import { restartOutdated } from './restart-outdated.js';

/** The key of the advisory lock for this search. Nothing else in this database uses this number. */
const lockKey = 72_101_198;

interface Options {
  pool: Pool;
  lease: WorkerLease;
  /** A worker counts as dead when its last heartbeat is older than this. */
  deadAfterMs: number;
  /** Starts another workflow in place of an outdated one. See restartOutdated. */
  replace: (workflow: WorkflowStatus) => Promise<void>;
  log: Log;
}

export interface OrphanRecovery {
  stop(): Promise<void>;
}

/**
 * Regularly looks for workflows whose worker is dead and puts them back on their queues. If the worker was
 * only frozen, it may still try to record results for these workflows. DBOS refuses such results.
 */
export function recoverOrphans(options: Options): OrphanRecovery {
  const { lease, deadAfterMs, log } = options;
  let recovering: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    recovering = recovering
      // After an outage of the database, all heartbeats are old. This condition gives the other workers time
      // to renew theirs.
      .then(() => (lease.steadyMs() > deadAfterMs ? recoverOnce(options) : undefined))
      .catch((error) => log.warn({ err: error }, 'the search for workflows of dead workers failed'));
  }, deadAfterMs / 6);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await recovering;
    },
  };
}

/**
 * Searches once. Only one worker searches at a time. Otherwise a worker could requeue a workflow that another
 * worker has just started.
 */
async function recoverOnce({ pool, deadAfterMs, replace, log }: Options): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ acquired: boolean }>(
      'select pg_try_advisory_xact_lock($1) as acquired',
      [lockKey],
    );
    if (!rows[0]?.acquired) return;
    const { rows: dead } = await client.query<{ id: string; host: string }>(
      'delete from pullwright.workers where beat_at < now() - make_interval(secs => $1) returning id, host',
      [deadAfterMs / 1000],
    );
    // Requeue the workflows before the deletion is committed. Otherwise a worker could find that its row is
    // deleted although its workflows still belong to it.
    const requeued = await requeueOrphans(client);
    if (dead.length + requeued.length > 0)
      log.warn({ dead, workflows: requeued }, 'took over the workflows of dead workers');
    const restarted = await restartOutdated(async () => versionsOf(await listWorkers(client)), replace);
    if (restarted.length > 0)
      log.warn({ workflows: restarted }, 'restarted workflows of a version that no worker runs anymore');
  });
}

/**
 * Puts orphaned workflows back on their queues. This function lists the workers before and after it lists the
 * workflows. A workflow is orphaned if its worker is in neither list. Both lists are necessary:
 * 1. A worker that is only in the second list may have just started the workflow.
 * 2. A worker that is only in the first list has handed over its workflows itself.
 * @returns the ids of the workflows that were put back on their queues
 */
async function requeueOrphans(client: PoolClient): Promise<string[]> {
  const before = await listWorkers(client);
  const pending = await DBOS.listWorkflows({ status: 'PENDING', loadInput: false, loadOutput: false });
  const present = [...before, ...(await listWorkers(client))];
  // Compare the versions in addition to the ids. A worker that restarted with another version cannot continue
  // the workflow that it started before.
  const known = new Set(present.map(({ id, version }) => `${id} ${version}`));
  const orphans = pending.filter(
    ({ executorId, applicationVersion }) => !known.has(`${executorId} ${applicationVersion}`),
  );
  for (const { workflowID, queueName } of orphans)
    await DBOS.resumeWorkflow(workflowID, { ...(queueName && { queueName }) });
  return orphans.map(({ workflowID }) => workflowID);
}

interface Worker {
  id: string;
  version: string;
}

async function listWorkers(client: PoolClient): Promise<Worker[]> {
  return (await client.query<Worker>('select id, version from pullwright.workers')).rows;
}

function versionsOf(workers: readonly Worker[]): Set<string> {
  return new Set(workers.map(({ version }) => version));
}
