import { appendEvent } from '../../../database/run-events.js';
import { fieldsOf } from '../../../runs/log-fields.js';
import type { RetryLater } from '../../../runs/retry-later.js';
import type { Dependencies } from '../../dependencies.js';

/**
 * Records that a run waits, together with the reason and the time. The progress comment shows this to people.
 */
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
    // If the run waits because the database is down, this write fails as well. The wait works without this
    // record.
    log.warn({ ...about, err }, 'could not record a wait');
  }
}
