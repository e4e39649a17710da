import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../log.js';

/** Kubernetes kills a process after 30 seconds. Running steps get 20 of them. */
const totalMs = 28_000;
/** Once that time is over, the others still get this long: enough to release a lock or to stop a server. */
const leastMs = 500;

/** A name for the log, and what closes it. */
export type Closer = [what: string, close: () => Promise<void>];

/**
 * Closes everything, the last opened first. What cannot be closed in time (the database may be down) is
 * logged, and keeps neither the rest open nor the process alive.
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
