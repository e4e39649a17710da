import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import type { Pool } from 'pg';
import type { Log } from '../log.js';
import { applicationName, applicationVersion } from './application-version.js';
import { openEnginePool } from './engine-pool.js';
import type { WorkerLease } from './lease.js';
import { recoverOrphans } from './recover-orphans.js';
import { settleSteps, stopSteps, useLease } from './steps.js';
import { registerQueues, replaceOutdated } from './workflow.js';

/*
 * The engine is DBOS. A run is a workflow. Each model request, each set of tool calls, each write to GitHub
 * and each test run is a step. Postgres stores the results of steps. After a crash, a workflow continues at
 * the step that was interrupted.
 */

export interface Engine {
  stop(): Promise<void>;
}

/**
 * How long a stopping process waits for its running steps before it hands its workflows over to other
 * workers.
 */
const maxStopMs = 20_000;

/**
 * Starts to execute the workflows that `defineWorkflow` declared.
 * @param options.workerId stays the same across restarts, so that a worker finds its own unfinished workflows
 * @param options.onHandedOver called at the end of a graceful shutdown, with the ids of the workflows that
 * other workers can now continue
 */
export async function launchEngine(options: {
  databaseUrl: string;
  pool: Pool;
  workerId: string;
  lease: WorkerLease;
  /** A worker counts as dead when its last heartbeat is older than this. */
  deadAfterMs: number;
  onHandedOver: (workflowIds: string[]) => Promise<void>;
  log: Log;
}): Promise<Engine> {
  const { databaseUrl, workerId, pool, lease, deadAfterMs, log } = options;
  useLease(lease);
  const enginePool = openEnginePool(databaseUrl, log);
  DBOS.setConfig({
    name: applicationName,
    systemDatabaseUrl: databaseUrl,
    systemDatabasePool: enginePool,
    executorID: workerId,
    applicationVersion,
    logLevel: log.level === 'trace' ? 'debug' : 'warn',
  });
  await DBOS.launch();
  await registerQueues();
  const recovery = recoverOrphans({ pool, lease, deadAfterMs, replace: replaceOutdated, log });
  return {
    stop: async () => {
      stopSteps();
      await recovery.stop();
      // If the lease is lost, the running workflows already belong to other workers, so this process does not
      // wait for them.
      if (!lease.isLost()) await settleSteps(maxStopMs);
      await DBOS.shutdown();
      if (!lease.isLost()) await options.onHandedOver(await handOver(databaseUrl, enginePool, workerId));
      await enginePool.end();
    },
  };
}

/**
 * Puts this worker's unfinished workflows back on their queues. Other workers can then continue them at once,
 * instead of waiting until this worker counts as dead.
 */
async function handOver(databaseUrl: string, pool: Pool, workerId: string): Promise<string[]> {
  const client = await DBOSClient.create({ systemDatabaseUrl: databaseUrl, systemDatabasePool: pool });
  try {
    const own = await client.listWorkflows({ status: 'PENDING', executorId: workerId, loadInput: false });
    for (const { workflowID, queueName } of own)
      await client.resumeWorkflow(workflowID, { ...(queueName && { queueName }) });
    return own.map(({ workflowID }) => workflowID);
  } finally {
    await client.destroy();
  }
}
