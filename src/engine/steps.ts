import { performance } from 'node:perf_hooks';
import { DBOS, DBOSWorkflowConflictError } from '@dbos-inc/dbos-sdk';
import { asSentence, RunEndedError } from '../runs/outcome.js';
import { isRetryLater, type RetryLater } from '../runs/retry-later.js';
import { Fenced, type WorkerLease } from './lease.js';
import { wakeTopic } from './queue.js';

/** A step of a workflow. Each workflow has one table of its steps. */
export interface StepDefinition {
  /**
   * The name under which DBOS stores the step's results. Replay depends on it, so a change of the name
   * requires a new `applicationVersion`.
   */
  name: string;
  /** Whether a stop request can interrupt the step while it runs. See `duringStoppable`. */
  stoppable?: boolean;
  /**
   * The function of the step. Its first argument contains the workflow's dependencies. DBOS stores the result
   * as JSON. The function can run twice, because the process can die before the result is stored.
   */
  run: (dependencies: never, ...args: never[]) => Promise<unknown>;
}

export type StepTable = Record<string, StepDefinition>;

/**
 * The functions that a workflow calls. Each row of the table becomes a function with the same key, without
 * the parameter for the dependencies.
 */
export type Steps<Table extends StepTable> = { [Name in keyof Table]: Bound<Table[Name]['run']> };

type Bound<Run> = Run extends (dependencies: never, ...args: infer Args) => infer Result
  ? (...args: Args) => Result
  : never;

/** The type of the dependencies that the steps of a table need. */
type DependenciesOf<Table extends StepTable> = Parameters<Table[keyof Table]['run']>[0];

export interface StepOptions {
  /** Called before each wait, after a step threw RetryLater. `firstArgument` is the step's first argument. */
  onWait(step: string, error: RetryLater, untilMs: number, firstArgument: unknown): Promise<void>;
  /**
   * Runs the body of a stoppable step, and can interrupt it. `firstArgument` is the step's first argument.
   */
  duringStoppable<T>(firstArgument: unknown, body: () => Promise<T>): Promise<T>;
  /** Called when a step has executed successfully. It is not called when a stored result is replayed. */
  onDone?(step: string, firstArgument: unknown, milliseconds: number, result: unknown): void;
  /** The most that a step may wait in total, without unlimited waits. Then the run fails. Default: a day. */
  maxWaitMs?: number;
}

const dayMs = 24 * 3_600_000;

/**
 * Makes each row of the table a durable step of the workflow that calls it. If a step throws RetryLater, the
 * engine waits and then runs the step again. The wait survives a restart of the process. Every other error
 * reaches the workflow.
 * @throws Error when two rows have the same name
 */
export function bindSteps<Table extends StepTable>(
  table: Table,
  dependencies: DependenciesOf<Table>,
  options: StepOptions,
): Steps<Table> {
  const names = new Set<string>();
  const bound = Object.entries(table).map(([key, { name, stoppable, run }]) => {
    if (names.has(name)) throw new Error(`two steps of one workflow are named "${name}"`);
    names.add(name);
    const call = run as (dependencies: unknown, ...args: unknown[]) => Promise<unknown>;
    const execute = async (...args: unknown[]) => {
      const startedAt = performance.now();
      const body = () => call(dependencies, ...args);
      const result = await (stoppable ? options.duringStoppable(args[0], body) : body());
      options.onDone?.(name, args[0], Math.round(performance.now() - startedAt), result);
      return result;
    };
    return [key, retryLater(name, execute, options)];
  });
  return Object.fromEntries(bound) as Steps<Table>;
}

function retryLater(
  name: string,
  execute: (...args: unknown[]) => Promise<unknown>,
  { onWait, maxWaitMs = dayMs }: StepOptions,
): (...args: unknown[]) => Promise<unknown> {
  return async (...args) => {
    // Unlimited waits count neither for the total nor for the back-off.
    let waitedMs = 0;
    let waits = 0;
    for (;;) {
      try {
        return await runStep(name, () => execute(...args));
      } catch (error) {
        if (!isRetryLater(error)) throw error;
        if (waitedMs > maxWaitMs && !error.isUnlimited)
          throw new RunEndedError({
            kind: 'failed',
            reason: asSentence(`The run waited for more than a day and gave up: ${error.reason}`),
          });
        const waitMs = error.afterMs ?? backOff(waits);
        const from = await DBOS.now();
        await runStep(`${name}, waiting`, () => onWait(name, error, from + waitMs, args[0]));
        // This wait survives a restart, like a durable sleep. Unlike a sleep, it ends early when a message
        // arrives, for example because a person stopped the run.
        await unlessLost(() => DBOS.recv(wakeTopic, { timeoutSeconds: waitMs / 1000 }));
        if (error.isUnlimited) continue;
        waitedMs += (await DBOS.now()) - from;
        waits += 1;
      }
    }
  };
}

/** Returns the milliseconds to wait after earlier waits: 2 s, 4 s, 8 s and so on, at most 5 minutes. */
function backOff(waits: number): number {
  return Math.min(300_000, 2000 * 2 ** waits);
}

/*
 * The code below executes individual steps. Its state is in module variables, because there is only one DBOS
 * instance per process.
 */

let lease: WorkerLease | null = null;
let isStopping = false;
/** Steps that this process is executing. */
const running = new Set<Promise<unknown>>();

/** Sets the lease. From now on, every step checks that this worker still has it. */
export function useLease(newLease: WorkerLease): void {
  lease = newLease;
}

/**
 * Executes `body` as a step of the current workflow. DBOS stores the result under `name` and returns it on
 * replay.
 */
async function runStep<T>(name: string, body: () => Promise<T>): Promise<T> {
  // A stopping process starts no step and does not end the workflow. The workflow stays in Postgres, and
  // another worker continues it. This promise stays pending until the process ends.
  if (isStopping) return never();
  const step = DBOS.runStep(
    async () => {
      await lease?.confirm();
      return body();
    },
    { name },
  );
  running.add(step);
  try {
    return await unlessLost(() => step);
  } finally {
    running.delete(step);
  }
}

/**
 * Runs `body`, and hides errors that occur only because this process is stopping or has lost its workflows to
 * other workers.
 */
export async function unlessLost<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (isStopping) return never();
    // Another worker owns the workflow now. A DBOSWorkflowConflictError makes DBOS stop the execution in this
    // process. DBOS does not mark the workflow as failed.
    if (error instanceof Fenced) throw new DBOSWorkflowConflictError(DBOS.workflowID ?? '');
    throw error;
  }
}

function never(): Promise<never> {
  return new Promise<never>(() => {});
}

/** Prevents further steps from starting. */
export function stopSteps(): void {
  isStopping = true;
}

/** Resolves when all running steps have ended, or after `timeoutMs`. */
export async function settleSteps(timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([Promise.allSettled(running), timeout]);
  clearTimeout(timer);
}
