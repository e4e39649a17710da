import { setTimeout as pause } from 'node:timers/promises';
import { countAttempt, readAttempts } from '../../../database/attempts.js';
import type { Queryable } from '../../../database/queryable.js';

/** A run ends if its worker has died this many times while the run made no progress. */
export const maxAttempts = 5;
/** If this many workers in a row died during a run, the run is suspected of killing them. */
const suspectAfter = 2;
const pollMs = 1000;

/**
 * Creates a function that detects a run that kills its workers. If workers die repeatedly, all runs that were
 * in progress are suspects. To find the guilty one, suspects continue one at a time: each waits until the
 * previous one has made progress. Waiting does not count as an attempt.
 * @returns a function that resolves to true if the run may continue, or to false if the run has used all its
 * attempts
 */
export function createCrashLoopGuard(db: Queryable): (runId: string) => Promise<boolean> {
  let previous: Promise<unknown> = Promise.resolve();
  const untilPastIt = async (runId: string) => {
    // If the database is down, keep waiting. The run's own steps report the failure.
    do await pause(pollMs, undefined, { ref: false });
    while ((await readAttempts(db, runId).catch(() => 1)) > 0);
  };
  return async (runId) => {
    if ((await readAttempts(db, runId)) < suspectAfter) return (await countAttempt(db, runId)) <= maxAttempts;
    const mayContinue = previous.then(async () => (await countAttempt(db, runId)) <= maxAttempts);
    // Even if this attempt cannot be counted, the next run that may have crashed a worker must get its turn.
    previous = mayContinue.then((continues) => (continues ? untilPastIt(runId) : undefined)).catch(() => {});
    return mayContinue;
  };
}
