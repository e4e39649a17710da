import { setTimeout as pause } from 'node:timers/promises';

/** How long a test waits for a state by default. */
export const usualPatienceMs = 90_000;
const pauseMs = 50;

/**
 * Looks again and again until `look` finds something. Let `look` ask for something that cannot have been
 * there before the test's own action: a certain run, comment or row.
 * @param what the state, for the error: "waited in vain for <what>"
 * @throws Error with the last lines of the app's log when the patience is over
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

/** Cuts long lines, most of which are requests with all of their headers. */
function lastLines(log: readonly string[]): string {
  return log
    .slice(-30)
    .map((line) => line.slice(0, 300))
    .join('\n');
}
