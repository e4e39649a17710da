import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../log.js';

/**
 * The maximum time to close all items, in milliseconds. It includes up to 20 seconds for running steps. It
 * must be shorter than Kubernetes' default termination grace period of 30 seconds.
 */
const totalMs = 28_000;
/**
 * The minimum time limit for each item, in milliseconds. Items get this time even after `totalMs` has passed.
 * It is enough to release a lock or to stop a server.
 */
const leastMs = 500;

/** The name of an item for the log, and the function that closes the item. */
export type Closer = [what: string, close: () => Promise<void>];

/**
 * Closes all items in reverse order: the last opened item first. If an item does not close in time, for
 * example because the database is down, logs this and continues with the next item.
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
