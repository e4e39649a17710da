import { setTimeout } from 'node:timers/promises';
import { addCosts } from '../model/add-costs.js';
import type { Cost, ModelClient, ModelRequest } from '../model/model.js';

/**
 * A cache entry expires five minutes after the start of the last request that used it. Writing it again costs
 * as much as 10 to 25 reads.
 */
const everyMs = 270_000;
const maxReads = 10;

export interface KeepCachedOptions {
  /** When the newest request started, in milliseconds since 1970. */
  since: number;
  now: () => Date;
  /** Default: Node's timer. */
  wait?: (milliseconds: number, value: null, options: { signal: AbortSignal }) => Promise<unknown>;
  onError: (error: unknown) => void;
}

/**
 * Reads the cache entry of the newest request from time to time, while tools run. Otherwise, the next request
 * would have to write the entry again after a long test run.
 * @param work runs the tools
 * @returns the result of `work`, and the cost of the reads; null if there were none
 */
export async function keepCachedDuring<T>(
  work: () => Promise<T>,
  model: Pick<ModelClient, 'keepCached'>,
  request: ModelRequest,
  { since, now, wait = setTimeout, onError }: KeepCachedOptions,
): Promise<{ result: T; cost: Cost | null }> {
  const stop = new AbortController();
  const costs: Cost[] = [];
  const read = async () => {
    for (let reads = 1; reads <= maxReads; reads++) {
      await wait(since + reads * everyMs - now().getTime(), null, { signal: stop.signal });
      const cost = await model.keepCached({ ...request, signal: stop.signal });
      if (cost === null) return;
      costs.push(cost);
    }
  };
  const reading = read().catch((error) => {
    // A failed read costs only the cache entry. The next request then shows whether the API is available.
    if (!stop.signal.aborted) onError(error);
  });
  try {
    const result = await work();
    return { result, cost: costs.length > 0 ? costs.reduce(addCosts) : null };
  } finally {
    stop.abort();
    await reading;
  }
}
