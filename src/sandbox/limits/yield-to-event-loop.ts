import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';

const maxBlockMs = 5;

/**
 * Keeps a long loop of small synchronous steps from blocking the event loop. The steps stay synchronous
 * because reading /proc takes ten times as long with promises.
 * @returns a function to call between two steps; if it returns a promise, await it so that other work can run
 */
export function createEventLoopYield(): () => Promise<void> | null {
  let resumedAt = performance.now();
  return () => {
    if (performance.now() - resumedAt < maxBlockMs) return null;
    return setImmediate().then(() => {
      resumedAt = performance.now();
    });
  };
}
