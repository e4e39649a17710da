import type { ControlStore, Stop } from '../../database/control-store.js';
import type { Log } from '../../log.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { Workspaces } from '../../workspace/workspace.js';

/** People's word that a run has to end, heard within about a second by whoever works on it. */
export interface Stops {
  /**
   * Does `body` unless the run has to end; while it goes on, the word is listened for: then `signal` is
   * aborted and, where nothing is to be kept, whatever runs in the run's sandboxes is killed.
   * @param hears `ends`: what is to be kept is not cut short; `all`: the agent's work is, and then lands
   * @throws RunEnded when the run has to end and nothing of it is to be kept
   */
  during<T>(runId: string, hears: 'ends' | 'all', body: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Null: the run may go on. */
  read(runId: string): Promise<Stop | null>;
}

const listenEveryMs = 1000;

export function createStops(parts: {
  control: Pick<ControlStore, 'readStops'>;
  workspaces: Pick<Workspaces, 'interrupt'>;
  log: Log;
}): Stops {
  const { control, workspaces, log } = parts;
  const read = async (runId: string) => (await control.readStops([runId])).get(runId) ?? null;
  const refuse = async (runId: string) => {
    const stop = await read(runId);
    if (stop && !stop.keep) throw new RunEndedError({ kind: 'stopped', reason: stop.reason });
  };
  return {
    read,
    during: async (runId, hears, body) => {
      await refuse(runId);
      const heard = new AbortController();
      let listening: Promise<void> = Promise.resolve();
      const timer = setInterval(() => {
        listening = listening
          .then(async () => {
            if (heard.signal.aborted) return;
            const stop = await read(runId);
            if (!stop || (stop.keep && hears === 'ends')) return;
            heard.abort();
            // What is to be kept still has to be recorded, in the same sandboxes.
            if (!stop.keep) workspaces.interrupt(runId);
          })
          // The database may be away; the next look hears it.
          .catch((err: unknown) =>
            log.warn({ run: runId, err }, 'whether a run has to end could not be read'),
          );
      }, listenEveryMs);
      try {
        const result = await body(heard.signal);
        if (heard.signal.aborted) await refuse(runId);
        return result;
      } catch (error) {
        // What was killed fails in many ways, and none of them is what happened.
        if (heard.signal.aborted) await refuse(runId);
        throw error;
      } finally {
        clearInterval(timer);
        await listening;
      }
    },
  };
}

/**
 * These steps of a run can be ended in the middle; before, all of them look whether they are to begin. Their first argument is the
 * run, or its task.
 */
export function stoppable<Steps extends object>(
  steps: Steps,
  stops: Stops,
  names: readonly (keyof Steps)[],
): Steps {
  const wrapped = { ...steps };
  for (const name of names) {
    const step = steps[name] as (about: RunOrTask, ...rest: unknown[]) => Promise<unknown>;
    wrapped[name] = ((about: RunOrTask, ...rest: unknown[]) =>
      stops.during('runId' in about ? about.runId : about.id, 'ends', () =>
        step(about, ...rest),
      )) as Steps[typeof name];
  }
  return wrapped;
}

type RunOrTask = { id: string } | { runId: string };
