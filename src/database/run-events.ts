import { Outcome } from '../runs/outcome.js';
import { eventKey, type RecordedEvent, RunEvent } from '../runs/run-event.js';
import { type Queryable, rowsOf } from './queryable.js';

/**
 * Records an event. Does nothing if the run already has an event with the same key, so a repeated step does
 * not record its event twice.
 */
export async function appendEvent(
  db: Queryable,
  runId: string,
  event: RunEvent,
  key = eventKey(event),
): Promise<void> {
  await rowsOf(
    db,
    `insert into pullwright.run_events (run_id, key, event) values ($1, $2, $3)
     on conflict (run_id, key) do nothing`,
    [runId, key, RunEvent.parse(event)],
  );
}

/** Returns the run's events in the order in which they were recorded. */
export async function readEvents(db: Queryable, runId: string): Promise<RecordedEvent[]> {
  const sql = 'select at, event from pullwright.run_events where run_id = $1 order by id';
  return (await rowsOf(db, sql, [runId])).map(({ at, event }) => ({ at, event: RunEvent.parse(event) }));
}

/**
 * Reads the outcome in the run's `settled` event. That event is recorded before the run is settled and before
 * people see the outcome.
 * @returns null when the run has no such event
 */
export async function findRecordedOutcome(db: Queryable, runId: string): Promise<Outcome | null> {
  const sql = "select event from pullwright.run_events where run_id = $1 and key = 'settled'";
  const [row] = await rowsOf(db, sql, [runId]);
  return row ? Outcome.parse(row.event.outcome) : null;
}
