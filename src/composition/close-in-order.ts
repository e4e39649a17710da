import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../log.js';

/** Kubernetes kills a process after 30 seconds. Running steps get 20 of them. */
const totalMs = 28_000;
/**
 * After that time, each remaining item gets this long, which is enough to release a lock or to stop a server.
 */
const leastMs = 500;

/** A name for the log, and the function that closes the item. */
export type Closer = [what: string, close: () => Promise<void>];

/**
 * Closes everything, the last opened first. If something does not close in time, for example because the
 * database is down, this is logged. The rest is still closed, and the process still exits.
 */
export async function closeInOrder(opened: readonly Closer[], log: Log): Promise<void> {
  const deadline = Date.now() + totalMs;
  for (const [what, close] of [...opened].reverse()) {
    const closed = new AbortController();
    const timeoutMs = Math.max(leastMs, deadline - Date.now());
    const timeout = pause(timeoutMs, undefined, { signal: closed.signal }).then(
      () => log.warn({ what }, 'could not close in time; the process exits anyway'),
      () => {},
    );
    const closing = close().catch((err: unknown) => log.warn({ what, err }, 'could not close'));
    await Promise.race([closing, timeout]);
    closed.abort();
  }
}
