import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../log.js';

/** Kubernetes gives 30 seconds until it kills; the steps that are under way get 20 of them. */
const patienceMs = 28_000;
/** When those are over, the rest is begun, and no more: a lock let go of, a server told to stop. */
const lastWordMs = 500;

/**
 * Closes what was opened, the last first. What cannot be closed, or not in time (the database may be away), is logged and
 * keeps neither the rest open nor the process alive.
 */
export async function closeInOrder(
  opened: readonly [string, () => Promise<void>][],
  log: Log,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (const [what, close] of [...opened].reverse()) {
    const over = new AbortController();
    const patience = Math.max(lastWordMs, deadline - Date.now());
    const timeout = pause(patience, undefined, { signal: over.signal }).then(
      () => log.warn({ what }, 'not closed in time; the process ends without'),
      () => {},
    );
    const closed = close().catch((err: unknown) => log.warn({ what, err }, 'could not be closed'));
    await Promise.race([closed, timeout]);
    over.abort();
  }
}
