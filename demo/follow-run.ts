import { setTimeout as pause } from 'node:timers/promises';
import { readEvents } from '../src/database/run-events.js';
import { listRuns } from '../src/database/runs.js';
import type { Run } from '../src/runs/run.js';
import type { RecordedEvent, RunEvent } from '../src/runs/run-event.js';
import type { Stage } from './stage.js';

const intervalMs = 100;
/** A recorded run takes about a minute; Claude may think. */
const patienceMs = { recording: 10 * 60_000, claude: 70 * 60_000 };

/**
 * Follows the newest run, event by event, until it is settled.
 * @param before the run that was there before it; null: none
 * @param tell called once for each event, as soon as it is there
 * @throws what `signal` was aborted for; Error when the app ends, or the run does not
 */
export async function followRun(
  { db, app, recording }: Stage,
  before: string | null,
  signal: AbortSignal,
  tell: (event: RecordedEvent, since: Date) => void,
): Promise<{ run: Run; events: RunEvent[] }> {
  const end = Date.now() + (recording ? patienceMs.recording : patienceMs.claude);
  let told = 0;
  while (Date.now() < end) {
    signal.throwIfAborted();
    if (app.process.exitCode !== null || app.process.signalCode !== null)
      throw new Error(`the app ended with ${app.process.signalCode ?? `exit code ${app.process.exitCode}`}`);
    const [run] = await listRuns(db, 1);
    if (run && run.id !== before) {
      const events = await readEvents(db, run.id);
      for (const event of events.slice(told)) tell(event, run.createdAt);
      told = events.length;
      // The row is settled before or after its last event is written; both have to be there.
      if (run.status === 'settled' && events.at(-1)?.event.type === 'settled')
        return { run, events: events.map(({ event }) => event) };
    }
    await pause(intervalMs);
  }
  throw new Error('the run did not come to an end in time');
}
