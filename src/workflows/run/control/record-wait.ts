import { appendEvent } from '../../../database/run-events.js';
import type { RetryLater } from '../../../runs/retry-later.js';
import type { Dependencies } from '../../dependencies.js';
import { runOf } from './run-of.js';

/** Records that a run waits, why, and until when. The progress comment shows this to people. */
export async function recordWait(
  { db, log }: Pick<Dependencies, 'db' | 'log'>,
  step: string,
  { reason }: RetryLater,
  untilMs: number,
  argument: unknown,
): Promise<void> {
  const runId = runOf(argument)?.runId ?? null;
  log.warn({ step, run: runId, reason, until: new Date(untilMs).toISOString() }, 'waiting');
  if (!runId) return;
  try {
    await appendEvent(db, runId, { type: 'waiting', reason, untilMs }, `waiting-${untilMs}`);
  } catch (err) {
    // If the run waits for the database, this write fails too. The run continues later even if people cannot
    // see that it waits.
    log.warn({ run: runId, err }, 'could not record a wait');
  }
}
