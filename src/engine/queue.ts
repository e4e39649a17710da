import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import type pg from 'pg';
import type { Log } from '../log.js';
import { applicationName, applicationVersion } from './application-version.js';
import { openEnginePool } from './engine-pool.js';

/** The topic of the message that ends a workflow's wait early. */
export const wakeTopic = 'wake';

/** Puts workflows on their queues. Any worker can then execute them. */
export interface Queue {
  /**
   * Enqueues a workflow. A second call with the same id has no effect.
   * @param transaction the workflow is enqueued when this transaction is committed
   * @param partition see `onePerPartition` in workflow.ts
   */
  enqueue(
    transaction: pg.PoolClient,
    workflow: string,
    id: string,
    input: unknown,
    partition?: string,
  ): Promise<void>;
  /**
   * Ends the workflow's current wait, or its next wait if it is not waiting now. Does nothing when there is
   * no such workflow.
   */
  wake(workflowId: string): Promise<void>;
  /**
   * Returns the stored results of a workflow's steps, in order. Returns [] when the workflow is unknown or
   * was deleted.
   */
  readSteps(workflowId: string): Promise<{ name: string; output: unknown }[]>;
  close(): Promise<void>;
}

export async function openQueue(databaseUrl: string, log: Log): Promise<Queue> {
  await DBOS.migrate(databaseUrl);
  const pool = openEnginePool(databaseUrl, log, 2);
  const client = await DBOSClient.create({
    systemDatabaseUrl: databaseUrl,
    applicationName,
    systemDatabasePool: pool,
  });
  /**
   * Lists the ids of a workflow and of its restarts. If another application version restarts a workflow, the
   * new id is `<id>@<version>`.
   */
  const listIds = async (id: string) =>
    (await client.listWorkflows({ workflow_id_prefix: id, loadInput: false, loadOutput: false })).map(
      ({ workflowID }) => workflowID,
    );
  return {
    enqueue: async (transaction, workflow, id, input, partition) => {
      const options = {
        workflowName: workflow,
        queueName: workflow,
        workflowID: id,
        appVersion: applicationVersion,
        ...(partition && { queuePartitionKey: partition }),
      };
      await client.enqueueInTransaction(transaction, options, input);
    },
    readSteps: async (id) => {
      const steps: { name: string; output: unknown }[] = [];
      for (const workflowId of await listIds(id))
        for (const { name, output } of (await client.listWorkflowSteps(workflowId)) ?? [])
          steps.push({ name, output });
      return steps;
    },
    wake: async (id) => {
      for (const workflowId of await listIds(id)) await client.send(workflowId, null, wakeTopic);
    },
    close: async () => {
      await client.destroy();
      await pool.end();
    },
  };
}
