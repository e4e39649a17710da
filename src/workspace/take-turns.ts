import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';

const turnMs = 5;

/**
 * For long work in small synchronous steps: reading /proc takes ten times as long when every step is a promise.
 * @returns to be awaited between two steps, where it says so: everything else gets its turn
 */
export function takeTurns(): () => Promise<void> | null {
  let began = performance.now();
  return () => {
    if (performance.now() - began < turnMs) return null;
    return setImmediate().then(() => {
      began = performance.now();
    });
  };
}
