import { DBOS, DBOSClient, DBOSWorkflowConflictError, type WorkflowStatus } from '@dbos-inc/dbos-sdk';
import type { Pool } from 'pg';
import type { Log } from '../log.js';
import { RunEndedError } from '../runs/outcome.js';
import type { RetryLater } from '../runs/retry-later.js';
import { applicationName, applicationVersion } from './application-version.js';
import { openEnginePool } from './engine-pool.js';
import { Fenced, type WorkerLease } from './lease.js';
import { wakeTopic } from './queue.js';
import { recoverOrphans } from './recover-orphans.js';

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

interface WorkflowOptions<Input = never> {
  /** Workflows of this kind at once in this process. */
  concurrency: number;
  /** How long one may lie on its queue before anybody looks: each look is a transaction, also when there is nothing. */
  lookEveryMs: number;
  /** At most one at a time per partition. */
  onePerPartition?: boolean;
  /**
   * Asked each time that a worker begins, or goes on, with one. It is no step: what it does must not change what the
   * steps before a crash are replayed by. False ends the workflow there.
   */
  mayGoOn?: (input: Input) => Promise<boolean>;
  /**
   * Asked about one that another version of the stories may have begun, and that nobody can go on with. True: it was taken
   * care of; false: it is to begin anew with the same input. MUST bear being asked twice.
   */
  replace?: (input: Input) => Promise<boolean>;
}

interface Kind {
  options: Pick<WorkflowOptions, 'concurrency' | 'lookEveryMs' | 'onePerPartition'>;
  replace(workflow: WorkflowStatus): Promise<void>;
}

const kinds = new Map<string, Kind>();

/** Declares a workflow. All of them have to be declared before `launchEngine`. */
export function defineWorkflow<Input>(
  name: string,
  options: WorkflowOptions<Input>,
  body: (input: Input) => Promise<void>,
): Workflow<Input> {
  const { mayGoOn } = options;
  const guarded = async (input: Input) => {
    if (mayGoOn && !(await unlessLost(() => askWhetherMayGoOn(mayGoOn, input)))) return;
    await body(input);
  };
  const registered = DBOS.registerWorkflow(guarded, { name });
  const start: Workflow<Input>['start'] = async (id, input, partition) => {
    await DBOS.startWorkflow(registered, {
      workflowID: id,
      queueName: name,
      ...(partition && { enqueueOptions: { queuePartitionKey: partition } }),
    })(input);
  };
  kinds.set(name, {
    options,
    replace: async ({ workflowID, input, queuePartitionKey }) => {
      const [given] = input as [Input];
      if (!(await options.replace?.(given)))
        await start(`${workflowID.split('@')[0]}@${applicationVersion}`, given, queuePartitionKey);
    },
  });
  return { start };
}

/** A database that is away just now is no answer: the steps wait for it, and the workflow MUST NOT end over it. */
async function askWhetherMayGoOn<Input>(
  ask: (input: Input) => Promise<boolean>,
  input: Input,
): Promise<boolean> {
  try {
    return await ask(input);
  } catch (error) {
    if (isRetryLater(error)) return true;
    throw error;
  }
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
            throw new RunEndedError({ kind: 'failed', reason: `${error.reason}, for more than a day` });
          const wait = error.afterMs ?? backOff(attempt);
          const from = await DBOS.now();
          await runStep(`${name}, waiting`, () => waiting(name, error, from + wait, args[0]));
          // Durable as a sleep is, but ended by whoever has something to say: people may want the run to end.
          await unlessLost(() => DBOS.recv(wakeTopic, { timeoutSeconds: wait / 1000 }));
          waited += (await DBOS.now()) - from;
        }
      }
    },
  ]);
  return Object.fromEntries(wrapped) as Steps;
}

let stopping = false;
let lease: WorkerLease | null = null;
/** Steps that are being done in this process. */
const underWay = new Set<Promise<unknown>>();

async function runStep<T>(name: string, body: () => Promise<T>): Promise<T> {
  // A process that shuts down starts no further step and settles nothing: the workflow stays as it is in Postgres
  // and the next process goes on with it. That it never resolves ends with the process.
  if (stopping) return new Promise<never>(() => {});
  const step = DBOS.runStep(
    async () => {
      await lease?.confirm();
      return body();
    },
    { name },
  );
  underWay.add(step);
  try {
    return await unlessLost(() => step);
  } finally {
    underWay.delete(step);
  }
}

/** What fails because this process stops, or lost its workflows to others, ends the story here without a trace. */
async function unlessLost<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (stopping) return new Promise<never>(() => {});
    // The workflow belongs to another worker now, and DBOS knows this error.
    if (error instanceof Fenced) throw new DBOSWorkflowConflictError(DBOS.workflowID ?? '');
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

/** How long a stopping process waits for the steps that it is in, before it hands over what is not done. */
const handOverMs = 20_000;

/**
 * @param workerId the same after a restart: that is how this machine's unfinished workflows are found again
 */
export async function launchEngine(options: {
  databaseUrl: string;
  pool: Pool;
  workerId: string;
  lease: WorkerLease;
  deadAfterMs: number;
  /** Told which workflows were handed over in good order. */
  handedOver: (workflowIds: string[]) => Promise<void>;
  log: Log;
}): Promise<Engine> {
  const { databaseUrl, workerId, pool, deadAfterMs, log } = options;
  const held = options.lease;
  lease = held;
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
  for (const [name, { options }] of kinds)
    await DBOS.registerQueue(name, {
      workerConcurrency: options.concurrency,
      ...(options.onePerPartition && { partitionConcurrency: 1 }),
      minPollingIntervalMs: options.lookEveryMs,
      onConflict: 'always_update',
    });
  const replace = async (workflow: WorkflowStatus) => kinds.get(workflow.workflowName)?.replace(workflow);
  const orphanRecovery = recoverOrphans({ pool, lease: held, deadAfterMs, replace, log });
  return {
    stop: async () => {
      stopping = true;
      await orphanRecovery.stop();
      // What a worker that was taken for dead is in the middle of is another one's already.
      if (!held.isLost()) await settleWithin(handOverMs, underWay);
      await DBOS.shutdown();
      if (!held.isLost()) await options.handedOver(await handOver(databaseUrl, enginePool, workerId));
      await enginePool.end();
    },
  };
}

async function settleWithin(timeoutMs: number, steps: ReadonlySet<Promise<unknown>>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([Promise.allSettled(steps), timeout]);
  clearTimeout(timer);
}

/** Puts what this worker was in the middle of back on its queues: the next worker need not wait until this one counts as dead. */
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
