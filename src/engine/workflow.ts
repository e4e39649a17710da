import { DBOS, type WorkflowStatus } from '@dbos-inc/dbos-sdk';
import { isRetryLater } from '../runs/retry-later.js';
import { applicationVersion } from './application-version.js';
import { unlessLost } from './steps.js';

/** A workflow that can be put on its queue. */
export interface Workflow<Input> {
  /**
   * Puts the workflow on its queue. Resolves when Postgres has stored it. A second call with the same id has
   * no effect.
   * @param partition see `onePerPartition`
   */
  start(id: string, input: Input, partition?: string): Promise<void>;
}

export interface WorkflowOptions<Input> {
  /** Maximum number of workflows of this kind that run in this process at the same time. */
  concurrency: number;
  /** Time between two polls of the queue. Each poll costs a transaction, even if the queue is empty. */
  pollEveryMs: number;
  /** If true, at most one workflow per partition runs at a time. */
  onePerPartition?: boolean;
  /**
   * Called each time a worker starts or continues a workflow. If it returns false, the workflow ends. This
   * function is not a step, so it runs again on replay. It must not change anything that the replayed steps
   * depend on.
   */
  mayContinue?(input: Input): Promise<boolean>;
  /**
   * Called for a workflow if no worker runs the application version that started the workflow anymore.
   * Returns true if the engine must not restart the workflow, for example because this function has replaced
   * the workflow. If the result is false, the engine restarts the workflow with the same input. This function
   * MUST be idempotent, because the engine can call it twice for the same workflow.
   */
  replaceOutdated?(input: Input): Promise<boolean>;
}

interface Definition {
  queue: Pick<WorkflowOptions<never>, 'concurrency' | 'pollEveryMs' | 'onePerPartition'>;
  replaceOutdated(workflow: WorkflowStatus): Promise<void>;
}

/**
 * The declared workflows, by name. They are in a module variable, because DBOS has only one registry per
 * process.
 */
const definitions = new Map<string, Definition>();

/**
 * Declares a workflow and a queue of the same name. All workflows must be declared before `launchEngine` is
 * called.
 */
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
    // An unavailable database MUST NOT end the workflow. The workflow continues, and its steps wait for the
    // database.
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

/** Starts a new workflow in place of `workflow`, which another application version started. */
export async function replaceOutdated(workflow: WorkflowStatus): Promise<void> {
  await definitions.get(workflow.workflowName)?.replaceOutdated(workflow);
}
