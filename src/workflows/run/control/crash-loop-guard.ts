import { setTimeout as pause } from 'node:timers/promises';
import { countAttempt, readAttempts } from '../../../database/attempts.js';
import type { Queryable } from '../../../database/queryable.js';

/** A run ends after its worker has died this many times at the same place. */
export const maxAttempts = 5;
/** A run that was in progress at this many deaths in a row is suspected of causing them. */
const suspectAfter = 2;
const pollMs = 1000;

/**
 * Finds the run that kills its workers among the runs that were merely in the same process. Suspects run one
 * at a time: a suspect waits until the one before it has got past the place where the last worker died.
 * Waiting does not count as an attempt.
 * @returns whether a run may be continued; false: it has used up its attempts
 */
export function createCrashLoopGuard(db: Queryable): (runId: string) => Promise<boolean> {
  let previous: Promise<unknown> = Promise.resolve();
  const untilPastIt = async (runId: string) => {
    // If the database is down, the run's own steps report it.
    do await pause(pollMs, undefined, { ref: false });
    while ((await readAttempts(db, runId).catch(() => 1)) > 0);
  };
  return async (runId) => {
    if ((await readAttempts(db, runId)) < suspectAfter) return (await countAttempt(db, runId)) <= maxAttempts;
    const mayContinue = previous.then(async () => (await countAttempt(db, runId)) <= maxAttempts);
    // The next suspect gets its turn, even if this one fails.
    previous = mayContinue.then((continues) => (continues ? untilPastIt(runId) : undefined)).catch(() => {});
    return mayContinue;
  };
}
