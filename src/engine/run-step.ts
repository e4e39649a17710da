import { DBOS, DBOSWorkflowConflictError } from '@dbos-inc/dbos-sdk';
import { Fenced, type WorkerLease } from './lease.js';

/*
 * The state of this process as a worker. It is module state, because DBOS also exists only once per process.
 */

let lease: WorkerLease | null = null;
let isStopping = false;
/** Steps that this process is executing. */
const running = new Set<Promise<unknown>>();

/** Sets the lease that every step confirms from now on. */
export function useLease(newLease: WorkerLease): void {
  lease = newLease;
}

/**
 * Executes `body` as a step of the current workflow. DBOS stores the result under `name` and returns it on
 * replay.
 */
export async function runStep<T>(name: string, body: () => Promise<T>): Promise<T> {
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
 * Hides errors that occur only because this process is stopping or has lost its workflows to other workers.
 */
export async function unlessLost<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (isStopping) return never();
    // Another worker owns the workflow now. For this error, DBOS stops the local execution and does not mark
    // the workflow as failed.
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
