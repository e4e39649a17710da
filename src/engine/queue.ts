import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import type pg from 'pg';
import type { Log } from '../log.js';
import { applicationName, applicationVersion } from './application-version.js';
import { openEnginePool } from './engine-pool.js';

/** What a workflow listens for while it waits. */
export const wakeTopic = 'wake';

/** Puts workflows on their queues, for whichever worker takes them. */
export interface Queue {
  /**
   * The same id a second time changes nothing.
   * @param transaction the workflow is there when this one is committed
   * @param partition at most one workflow per partition runs at a time, where the workflow asks for that
   */
  enqueue(
    transaction: pg.PoolClient,
    workflow: string,
    id: string,
    input: unknown,
    partition?: string,
  ): Promise<void>;
  /** Ends the wait that a workflow is in, or the next one that it comes to; nothing where there is no such workflow. */
  wake(workflowId: string): Promise<void>;
  /** What the steps of a workflow returned, in their order; [] where it is not known, or was forgotten. */
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
  /** One that another version of the stories began anew has that in its id. What was begun anew had done nothing. */
  const idsOf = async (id: string) =>
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
      for (const one of await idsOf(id))
        for (const { name, output } of (await client.listWorkflowSteps(one)) ?? [])
          steps.push({ name, output });
      return steps;
    },
    wake: async (id) => {
      for (const one of await idsOf(id)) await client.send(one, null, wakeTopic);
    },
    close: async () => {
      await client.destroy();
      await pool.end();
    },
  };
}
