import { readStops, type Stop } from '../../../database/stops.js';
import type { RunFields } from '../../../runs/log-fields.js';
import { RunEndedError } from '../../../runs/outcome.js';
import type { Dependencies } from '../../dependencies.js';

type StopDependencies = Pick<Dependencies, 'db' | 'workspaces' | 'log'>;

const pollMs = 1000;

/** @returns the request to end the run; null: it may go on */
export async function readStop({ db }: Pick<Dependencies, 'db'>, runId: string): Promise<Stop | null> {
  return (await readStops(db, [runId])).get(runId) ?? null;
}

/**
 * Runs `body` unless the run has to end, and watches for a stop meanwhile. A stop aborts `signal`; unless the
 * work is kept, it also kills all commands in the run's sandboxes.
 * @param about the run
 * @param which `drop`: a stop that keeps the work does not interrupt `body`; `all`: every stop does
 * @throws RunEndedError when the run has to end and its work is not kept
 */
export async function watchForStop<T>(
  d: StopDependencies,
  about: RunFields,
  which: 'drop' | 'all',
  body: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const runId = about.run;
  await endIfStopped(d, runId);
  const stopped = new AbortController();
  let polling: Promise<void> = Promise.resolve();
  const poll = async () => {
    if (stopped.signal.aborted) return;
    const stop = await readStop(d, runId);
    if (!stop || (stop.keep && which === 'drop')) return;
    stopped.abort();
    // If the work is kept, the same sandboxes are still needed to record it.
    if (!stop.keep) d.workspaces.interrupt(runId);
  };
  const timer = setInterval(() => {
    polling = polling
      .then(poll)
      // The database may be down. The next poll finds the stop.
      .catch((err: unknown) => d.log.warn({ ...about, err }, 'could not check whether the run was stopped'));
  }, pollMs);
  try {
    const result = await body(stopped.signal);
    if (stopped.signal.aborted) await endIfStopped(d, runId);
    return result;
  } catch (error) {
    // A killed command fails in many ways, and none of them is the real reason.
    if (stopped.signal.aborted) await endIfStopped(d, runId);
    throw error;
  } finally {
    clearInterval(timer);
    await polling;
  }
}

async function endIfStopped(d: StopDependencies, runId: string): Promise<void> {
  const stop = await readStop(d, runId);
  if (stop && !stop.keep) throw new RunEndedError({ kind: 'stopped', reason: stop.reason });
}
