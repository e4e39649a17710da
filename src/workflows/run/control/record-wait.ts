import { appendEvent } from '../../../database/run-events.js';
import { fieldsOf } from '../../../runs/log-fields.js';
import type { RetryLater } from '../../../runs/retry-later.js';
import type { Dependencies } from '../../dependencies.js';

/** Shows people that a run waits, for what, and until when. */
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
    // The run may be waiting for the database. It continues even if people cannot see the wait.
    log.warn({ ...about, err }, 'could not record a wait');
  }
}
