import { DBOS } from '@dbos-inc/dbos-sdk';
import type { RetryLater } from '../runs/retry-later.js';
import { RunEnded } from '../runs/settlement.js';

/*
 * DBOS is the engine: a run is a workflow, each half turn, GitHub write and check is a step. What a step returned is in
 * Postgres; a killed process goes on at the step that it was in.
 */

/** A workflow that can be put on its queue. */
export interface Workflow<Input> {
  /**
   * Returns once Postgres has it. The same id a second time changes nothing.
   * @param partition at most one workflow per partition runs at a time, where the workflow asks for that
   */
  start(id: string, input: Input, partition?: string): Promise<void>;
}

export interface Engine {
  stop(): Promise<void>;
}

interface WorkflowOptions {
  /** Workflows of this kind at once in this process. */
  concurrency: number;
  /** At most one at a time per partition. */
  onePerPartition?: boolean;
}

const queues = new Map<string, WorkflowOptions>();

/** Declares a workflow. All of them have to be declared before `launchEngine`. */
export function defineWorkflow<Input>(
  name: string,
  options: WorkflowOptions,
  body: (input: Input) => Promise<void>,
): Workflow<Input> {
  const registered = DBOS.registerWorkflow(body, { name });
  queues.set(name, options);
  return {
    start: async (id, input, partition) => {
      await DBOS.startWorkflow(registered, {
        workflowID: id,
        queueName: name,
        ...(partition && { enqueueOptions: { queuePartitionKey: partition } }),
      })(input);
    },
  };
}

/** Longest that one step is retried for before the run is settled as failed. */
const patienceMs = 24 * 3_600_000;

/**
 * Makes every function of `steps` a durable step of the workflow that calls it. A step that throws RetryLater is waited
 * for in Postgres and run again; whatever else it throws reaches the story.
 * @param waiting told before each wait
 */
export function durable<Steps extends object>(
  steps: Steps,
  waiting: (step: string, error: RetryLater, untilMs: number, firstArgument: unknown) => Promise<void>,
): Steps {
  const wrapped = Object.entries(steps).map(([name, step]) => [
    name,
    async (...args: unknown[]) => {
      let waited = 0;
      for (let attempt = 1; ; attempt++) {
        try {
          return await runStep(name, () => step(...args));
        } catch (error) {
          if (!isRetryLater(error)) throw error;
          if (waited > patienceMs)
            throw new RunEnded({ kind: 'failed', because: `${error.because}, for more than a day` });
          const wait = error.afterMs ?? backOff(attempt);
          waited += wait;
          const until = (await DBOS.now()) + wait;
          await runStep(`${name}, waiting`, () => waiting(name, error, until, args[0]));
          await DBOS.sleep(wait);
        }
      }
    },
  ]);
  return Object.fromEntries(wrapped) as Steps;
}

let stopping = false;

async function runStep<T>(name: string, body: () => Promise<T>): Promise<T> {
  // A process that shuts down starts no further step and settles nothing: the workflow stays as it is in Postgres
  // and the next process goes on with it. That it never resolves ends with the process.
  if (stopping) return new Promise<never>(() => {});
  try {
    return await DBOS.runStep(body, { name });
  } catch (error) {
    if (stopping) return new Promise<never>(() => {});
    throw error;
  }
}

/** By name: an error that comes back from Postgres has its fields but not always its class. */
function isRetryLater(error: unknown): error is RetryLater {
  return error instanceof Error && error.name === 'RetryLater';
}

/** 2 s, 4 s, 8 s, … at most 5 minutes. */
function backOff(attempt: number): number {
  return Math.min(300_000, 2000 * 2 ** (attempt - 1));
}

/** @param workerId the same after a restart: that is how this machine's unfinished workflows are found again. */
export async function launchEngine(options: {
  databaseUrl: string;
  workerId: string;
  logLevel: string;
}): Promise<Engine> {
  DBOS.setConfig({
    name: 'pullwright',
    systemDatabaseUrl: options.databaseUrl,
    executorID: options.workerId,
    // Not the hash of the code, DBOS's default: with that every deploy would orphan the runs in flight. Raise it only
    // together with a change to the order of a story's steps.
    applicationVersion: 'stories-1',
    logLevel: options.logLevel,
  });
  await DBOS.launch();
  for (const [name, { concurrency, onePerPartition }] of queues)
    await DBOS.registerQueue(name, {
      workerConcurrency: concurrency,
      ...(onePerPartition && { partitionConcurrency: 1 }),
      minPollingIntervalMs: 200,
      onConflict: 'always_update',
    });
  return {
    stop: async () => {
      stopping = true;
      await DBOS.shutdown();
    },
  };
}
