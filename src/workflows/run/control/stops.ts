import { readStops, type Stop } from '../../../database/stops.js';
import type { RunFields } from '../../../runs/log-fields.js';
import { RunEndedError } from '../../../runs/outcome.js';
import type { Dependencies } from '../../dependencies.js';

type StopDependencies = Pick<Dependencies, 'db' | 'workspaces' | 'log'>;

const pollMs = 1000;

/**
 * Reads the request to stop a run.
 * @returns null if nobody has asked to stop the run
 */
export async function readStop({ db }: Pick<Dependencies, 'db'>, runId: string): Promise<Stop | null> {
  return (await readStops(db, [runId])).get(runId) ?? null;
}

/**
 * Runs `body` and checks every second whether people asked to stop the run. If people asked for a stop,
 * aborts the signal that `body` received. A stop either keeps or discards the run's work. If the stop
 * discards the work, also kills all commands in the run's sandboxes.
 * @param about the log fields of the run
 * @param which the stops that interrupt `body`. `all` means every stop. `drop` means only the stops that
 * discard the work.
 * @throws RunEndedError when people stopped the run and its work is discarded
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
    // A stop that keeps the work must not kill commands, because the sandboxes still have to record the work.
    if (!stop.keep) d.workspaces.interrupt(runId);
  };
  const timer = setInterval(() => {
    polling = polling
      .then(poll)
      // If the database is down, a later check finds the stop.
      .catch((err: unknown) => d.log.warn({ ...about, err }, 'could not check whether the run was stopped'));
  }, pollMs);
  try {
    const result = await body(stopped.signal);
    if (stopped.signal.aborted) await endIfStopped(d, runId);
    return result;
  } catch (error) {
    // A stop kills commands, which can cause this error. In that case, report the stop instead.
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
