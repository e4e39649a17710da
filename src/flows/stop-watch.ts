import type { Log } from '../log.js';
import type { Stop } from '../runs/control-store.js';
import { RunEnded, RunStopped } from '../runs/settlement.js';

/** Ends what a run is in the middle of, as soon as people say so. */
export interface StopWatch {
  /**
   * @param body of a step; has to end soon when the signal is aborted
   * @param what what a stop means to it: `keepReply` hands out what it has all the same, `deliver` heeds no stop that keeps the work
   * @throws RunStopped
   */
  during<T>(
    runId: string,
    body: (signal: AbortSignal) => Promise<T>,
    what?: 'keepReply' | 'deliver',
  ): Promise<T>;
}

const everyMs = 1000;

interface Watched {
  controller: AbortController;
  stop: Stop | null;
  deliver: boolean;
}

/** One look a second at the stops of all the runs that this process is working on, and none while there are none. */
export function createStopWatch(
  readStops: (ids: readonly string[]) => Promise<Map<string, Stop>>,
  log: Log,
): StopWatch {
  const watched = new Map<string, Set<Watched>>();
  let timer: NodeJS.Timeout | null = null;

  const heed = (entry: Watched, stop: Stop | undefined) => {
    if (!stop || (stop.keep && entry.deliver)) return;
    entry.stop = stop;
    entry.controller.abort();
  };
  const look = async () => {
    timer = null;
    try {
      const stops = await readStops([...watched.keys()]);
      for (const [id, entries] of watched) for (const entry of entries) heed(entry, stops.get(id));
    } catch (err) {
      // The database is away: the steps wait for it, and the next look comes in a second.
      log.warn({ err }, 'whether people stopped a run could not be read');
    }
    lookSoon();
  };
  const lookSoon = () => {
    if (timer || watched.size === 0) return;
    timer = setTimeout(() => void look(), everyMs);
    timer.unref();
  };

  return {
    during: async (runId, body, what) => {
      const entry: Watched = { controller: new AbortController(), stop: null, deliver: what === 'deliver' };
      heed(entry, (await readStops([runId])).get(runId));
      if (entry.stop) throw new RunStopped(entry.stop);
      const entries = watched.get(runId) ?? new Set();
      watched.set(runId, entries.add(entry));
      lookSoon();
      try {
        const result = await body(entry.controller.signal);
        if (entry.stop && what !== 'keepReply') throw new RunStopped(entry.stop);
        return result;
      } catch (error) {
        // How it broke off does not matter, unless it had an end of its own.
        if (entry.stop && !(error instanceof RunEnded)) throw new RunStopped(entry.stop);
        throw error;
      } finally {
        entries.delete(entry);
        if (entries.size === 0) watched.delete(runId);
      }
    },
  };
}
