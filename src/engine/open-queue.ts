import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import type pg from 'pg';
import { applicationName, applicationVersion } from './application-version.js';

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
  /** What the steps of a workflow returned, in their order; [] where it is not known, or was forgotten. */
  readSteps(workflowId: string): Promise<{ name: string; output: unknown }[]>;
  close(): Promise<void>;
}

export async function openQueue(databaseUrl: string): Promise<Queue> {
  await DBOS.migrate(databaseUrl);
  const client = await DBOSClient.create({
    systemDatabaseUrl: databaseUrl,
    applicationName,
    systemDatabasePoolSize: 2,
  });
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
    readSteps: async (id) =>
      ((await client.listWorkflowSteps(id)) ?? []).map(({ name, output }) => ({ name, output })),
    close: () => client.destroy(),
  };
}
