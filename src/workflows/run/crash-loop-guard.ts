import { setTimeout as pause } from 'node:timers/promises';
import type { RunStore } from '../../database/run-store.js';

/** So often in a row may a run's worker die at the same place before the run itself is ended. */
export const maxAttempts = 5;
/** Whoever was there at so many deaths in a row may be who causes them. */
const suspectAfter = 2;
/** Between two looks whether the suspect that is under way got further. */
const lookMs = 1000;

/**
 * Finds the run that kills its workers among those that only were there: once a run was there at two deaths in a row, it goes on
 * when no other such run of this process is at the place where the last worker died. One that waits for that is not counted.
 * @returns false for a run that has had its attempts, and is to be ended
 */
export function createCrashLoopGuard(
  store: Pick<RunStore, 'readAttempts' | 'countAttempt'>,
): (runId: string) => Promise<boolean> {
  let last: Promise<unknown> = Promise.resolve();
  const untilItGotFurther = async (runId: string) => {
    // A database that is away is asked again: what would be swallowed here, the run's own steps meet and say.
    do await pause(lookMs, undefined, { ref: false });
    while ((await store.readAttempts(runId).catch(() => 1)) > 0);
  };
  return async (runId) => {
    if ((await store.readAttempts(runId)) < suspectAfter)
      return (await store.countAttempt(runId)) <= maxAttempts;
    const mayGoOn = last.then(async () => (await store.countAttempt(runId)) <= maxAttempts);
    // Whatever becomes of it, the next one has its turn.
    last = mayGoOn.then((goesOn) => (goesOn ? untilItGotFurther(runId) : undefined)).catch(() => {});
    return mayGoOn;
  };
}
