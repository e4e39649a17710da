import { setTimeout as pause } from 'node:timers/promises';

/** Default time limit, in milliseconds. It is long, because tests must also pass on a busy machine. */
export const usualPatienceMs = 150_000;
const pauseMs = 50;

/**
 * Calls `look` repeatedly until it finds something. `look` must search for something that did not exist
 * before the test's own action, such as a certain run, comment or row.
 * @param what the state, for the error message: "waited in vain for <what>"
 * @throws Error with the last lines of the app's log when the time limit is reached
 */
export async function waitFor<T>(
  what: string,
  { app }: { app: { log: readonly string[] } },
  look: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  patienceMs = usualPatienceMs,
): Promise<T> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await pause(pauseMs)) {
    const found = await look();
    if (found) return found;
  }
  throw new Error(`waited in vain for ${what}; the app printed:\n${lastLines(app.log)}`);
}

/** Shortens long lines. Most of them are requests with all their headers. */
function lastLines(log: readonly string[]): string {
  return log
    .slice(-30)
    .map((line) => line.slice(0, 300))
    .join('\n');
}
