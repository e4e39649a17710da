import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';

const maxBlockMs = 5;

/**
 * Keeps a long loop of small synchronous steps from blocking the process. Steps stay synchronous because
 * reading /proc takes ten times as long when each step is a promise.
 * @returns to be called between two steps; when it returns a promise, await it so that other work can run
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
