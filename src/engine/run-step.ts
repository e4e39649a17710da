import { DBOS, DBOSWorkflowConflictError } from '@dbos-inc/dbos-sdk';
import { Fenced, type WorkerLease } from './lease.js';

/*
 * The state of this process as a worker. It is module state because DBOS, too, exists once per process.
 */

let lease: WorkerLease | null = null;
let isStopping = false;
/** Steps that this process is executing. */
const running = new Set<Promise<unknown>>();

/** Every step from now on needs this lease. */
export function useLease(newLease: WorkerLease): void {
  lease = newLease;
}

/**
 * Executes `body` as a step of the current workflow: its result is stored under `name` and returned on
 * replay.
 */
export async function runStep<T>(name: string, body: () => Promise<T>): Promise<T> {
  // A stopping process starts no step and settles nothing. The workflow stays in Postgres, and the next
  // worker continues it. This promise never settles; it ends with the process.
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

/** Hides errors that occur only because this process stops or has lost its workflows to other workers. */
export async function unlessLost<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (isStopping) return never();
    // Another worker owns the workflow now. DBOS ends the local execution quietly on this error.
    if (error instanceof Fenced) throw new DBOSWorkflowConflictError(DBOS.workflowID ?? '');
    throw error;
  }
}

function never(): Promise<never> {
  return new Promise<never>(() => {});
}

/** From now on no step starts. */
export function stopSteps(): void {
  isStopping = true;
}

/** Resolves when the running steps have ended, or after `timeoutMs`. */
export async function settleSteps(timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([Promise.allSettled(running), timeout]);
  clearTimeout(timer);
}
