import { performance } from 'node:perf_hooks';
import { DBOS } from '@dbos-inc/dbos-sdk';
import { RunEndedError } from '../runs/outcome.js';
import { isRetryLater, type RetryLater } from '../runs/retry-later.js';
import { wakeTopic } from './queue.js';
import { runStep, unlessLost } from './run-step.js';

/** A step of a workflow. Each workflow has one table of its steps. */
export interface StepDefinition {
  /**
   * The name under which DBOS stores the step's results. Replay depends on it, so a new name needs a new
   * `applicationVersion`.
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
}

/** How long one step can wait in total. After that, the run fails. */
const maxWaitMs = 24 * 3_600_000;

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
    return [key, retryLater(name, execute, options.onWait)];
  });
  return Object.fromEntries(bound) as Steps<Table>;
}

function retryLater(
  name: string,
  execute: (...args: unknown[]) => Promise<unknown>,
  onWait: StepOptions['onWait'],
): (...args: unknown[]) => Promise<unknown> {
  return async (...args) => {
    let waitedMs = 0;
    for (let attempt = 1; ; attempt++) {
      try {
        return await runStep(name, () => execute(...args));
      } catch (error) {
        if (!isRetryLater(error)) throw error;
        if (waitedMs > maxWaitMs)
          throw new RunEndedError({
            kind: 'failed',
            reason: `Gave up after more than a day of waiting: ${error.reason}.`,
          });
        const waitMs = error.afterMs ?? backOff(attempt);
        const from = await DBOS.now();
        await runStep(`${name}, waiting`, () => onWait(name, error, from + waitMs, args[0]));
        // This wait survives a restart, like a durable sleep. A message can end it early, because people may
        // want to stop the run.
        await unlessLost(() => DBOS.recv(wakeTopic, { timeoutSeconds: waitMs / 1000 }));
        waitedMs += (await DBOS.now()) - from;
      }
    }
  };
}

/** Returns the milliseconds to wait before the next attempt: 2 s, 4 s, 8 s and so on, at most 5 minutes. */
function backOff(attempt: number): number {
  return Math.min(300_000, 2000 * 2 ** (attempt - 1));
}
