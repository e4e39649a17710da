import { setTimeout as pause } from 'node:timers/promises';
import { readEvents } from '../src/database/run-events.js';
import { listRuns } from '../src/database/runs.js';
import type { Run } from '../src/runs/run.js';
import type { RecordedEvent, RunEvent } from '../src/runs/run-event.js';
import type { DemoWorld } from './start-demo-world.js';

const intervalMs = 250;
/** A run that does nothing for this time has failed. Only the time between two events counts. */
const silenceMs = { recording: 10 * 60_000, claude: 30 * 60_000 };

/**
 * Follows the newest run, event by event, until it ends.
 * @param previous id of the previous run; null when there is none
 * @param onEvent called once for each event, in order
 * @throws the abort reason of `signal`; Error when the app exits or nothing happens for too long
 */
export async function followRun(
  { db, app, recording }: DemoWorld,
  previous: string | null,
  signal: AbortSignal,
  onEvent: (event: RecordedEvent, run: Run) => void,
): Promise<{ run: Run; events: RunEvent[] }> {
  const patienceMs = recording ? silenceMs.recording : silenceMs.claude;
  let [seen, lastAt] = [0, Date.now()];
  while (Date.now() < lastAt + patienceMs) {
    signal.throwIfAborted();
    if (app.process.exitCode !== null || app.process.signalCode !== null)
      throw new Error(`the app ended with ${app.process.signalCode ?? `exit code ${app.process.exitCode}`}`);
    const [run] = await listRuns(db, 1);
    if (run && run.id !== previous) {
      const events = await readEvents(db, run.id);
      for (const event of events.slice(seen)) onEvent(event, run);
      if (events.length > seen) lastAt = Date.now();
      seen = events.length;
      // The run's row and its last event are written separately, so wait for both.
      if (run.status === 'settled' && events.at(-1)?.event.type === 'settled')
        return { run, events: events.map(({ event }) => event) };
    }
    await pause(intervalMs);
  }
  throw new Error(`nothing happened in the run for ${patienceMs / 60_000} minutes`);
}
