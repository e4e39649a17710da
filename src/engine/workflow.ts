import { DBOS, type WorkflowStatus } from '@dbos-inc/dbos-sdk';
import { isRetryLater } from '../runs/retry-later.js';
import { applicationVersion } from './application-version.js';
import { unlessLost } from './steps.js';

/** A workflow that can be put on its queue. */
export interface Workflow<Input> {
  /**
   * Resolves when Postgres has the workflow. A second start with the same id changes nothing.
   * @param partition see `onePerPartition`
   */
  start(id: string, input: Input, partition?: string): Promise<void>;
}

export interface WorkflowOptions<Input> {
  /** How many workflows of this kind run in this process at the same time. */
  concurrency: number;
  /** How often the queue is polled. Each poll is a transaction, even when the queue is empty. */
  pollEveryMs: number;
  /** At most one workflow per partition runs at a time. */
  onePerPartition?: boolean;
  /**
   * Called each time a worker starts or continues a workflow; false ends the workflow. It is not a step, so
   * it must not change what the workflow's earlier steps are replayed with.
   */
  mayContinue?(input: Input): Promise<boolean>;
  /**
   * Called for a workflow of an application version that no worker runs anymore. Returns true when it handled
   * the workflow; otherwise the workflow restarts with the same input. MUST tolerate being called twice.
   */
  replaceOutdated?(input: Input): Promise<boolean>;
}

interface Definition {
  queue: Pick<WorkflowOptions<never>, 'concurrency' | 'pollEveryMs' | 'onePerPartition'>;
  replaceOutdated(workflow: WorkflowStatus): Promise<void>;
}

/** By name. DBOS, too, keeps its registry once per process. */
const definitions = new Map<string, Definition>();

/** Declares a workflow and its queue, which share a name. Declare all workflows before `launchEngine`. */
export function defineWorkflow<Input>(
  name: string,
  options: WorkflowOptions<Input>,
  body: (input: Input) => Promise<void>,
): Workflow<Input> {
  const guarded = async (input: Input) => {
    if (await unlessLost(() => mayContinue(options, input))) await body(input);
  };
  const registered = DBOS.registerWorkflow(guarded, { name });
  const start: Workflow<Input>['start'] = async (id, input, partition) => {
    await DBOS.startWorkflow(registered, {
      workflowID: id,
      queueName: name,
      ...(partition && { enqueueOptions: { queuePartitionKey: partition } }),
    })(input);
  };
  definitions.set(name, {
    queue: options,
    replaceOutdated: async ({ workflowID, input, queuePartitionKey }) => {
      const [given] = input as [Input];
      if (!(await options.replaceOutdated?.(given)))
        await start(`${workflowID.split('@')[0]}@${applicationVersion}`, given, queuePartitionKey);
    },
  });
  return { start };
}

async function mayContinue<Input>(options: WorkflowOptions<Input>, input: Input): Promise<boolean> {
  try {
    return (await options.mayContinue?.(input)) ?? true;
  } catch (error) {
    // An unavailable database MUST NOT end the workflow. Its steps wait for the database.
    if (isRetryLater(error)) return true;
    throw error;
  }
}

/** Creates or updates the queue of each declared workflow. */
export async function registerQueues(): Promise<void> {
  for (const [name, { queue }] of definitions)
    await DBOS.registerQueue(name, {
      workerConcurrency: queue.concurrency,
      ...(queue.onePerPartition && { partitionConcurrency: 1 }),
      minPollingIntervalMs: queue.pollEveryMs,
      onConflict: 'always_update',
    });
}

/** Starts another workflow in place of one that another application version started. */
export async function replaceOutdated(workflow: WorkflowStatus): Promise<void> {
  await definitions.get(workflow.workflowName)?.replaceOutdated(workflow);
}
