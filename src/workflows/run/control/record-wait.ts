import { appendEvent } from '../../../database/run-events.js';
import { fieldsOf } from '../../../runs/log-fields.js';
import type { RetryLater } from '../../../runs/retry-later.js';
import type { Dependencies } from '../../dependencies.js';

/** Records that a run waits, why, and until when. The progress comment shows this to people. */
export async function recordWait(
  { db, log }: Pick<Dependencies, 'db' | 'log'>,
  step: string,
  { reason }: RetryLater,
  untilMs: number,
  argument: unknown,
): Promise<void> {
  const about = fieldsOf(argument);
  log.warn({ ...about, step, reason, until: new Date(untilMs).toISOString() }, 'a step waits');
  const runId = about?.run;
  if (!runId) return;
  try {
    await appendEvent(db, runId, { type: 'waiting', reason, untilMs }, `waiting-${untilMs}`);
  } catch (err) {
    // If the run waits for the database, this write fails too. The run continues later even if people cannot
    // see that it waits.
    log.warn({ ...about, err }, 'could not record a wait');
  }
}
