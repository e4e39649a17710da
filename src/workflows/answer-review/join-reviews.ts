import { appendEvent, readEvents } from '../../database/run-events.js';
import { findRun, listQueuedReviews, settleQueuedRun } from '../../database/runs.js';
import type { Outcome } from '../../runs/outcome.js';
import type { Run } from '../../runs/run.js';
import { lastEvent } from '../../runs/run-event.js';
import type { Trigger } from '../../task/task.js';
import type { Dependencies } from '../dependencies.js';

/**
 * Takes over the reviews of runs that wait behind this one, if the same person wrote them. Ends these runs.
 * This is safe to repeat: the event says which reviews this run has taken over.
 * @returns the ids of the reviews that this run answers, its own first
 */
export async function joinReviews({ db }: Pick<Dependencies, 'db'>, run: Run): Promise<number[]> {
  const known = lastEvent(await readEvents(db, run.id), 'reviews-joined')?.runs;
  const runs = known ?? (await listQueuedReviews(db, run));
  if (!known && runs.length > 0) await appendEvent(db, run.id, { type: 'reviews-joined', runs });
  const reviews = [run, ...(await Promise.all(runs.map((id) => takeOver(db, id))))];
  return reviews.flatMap((one) => (one?.trigger.kind === 'review' ? one.trigger.reviewId : []));
}

const reason = 'Another run answers this review, too.';

/** @returns null if people stopped the run before */
async function takeOver(db: Dependencies['db'], id: string): Promise<Run | null> {
  const outcome: Outcome = { kind: 'stopped', reason, superseded: true };
  if (await settleQueuedRun(db, id, outcome)) await appendEvent(db, id, { type: 'settled', outcome });
  const found = await findRun(db, id);
  return found?.outcome?.kind === 'stopped' && found.outcome.reason === reason ? found : null;
}

/** Returns the trigger of a run that replaces another one, and need not wait for other comments again. */
export function withoutWait(trigger: Trigger): Trigger {
  return trigger.kind === 'review' ? { ...trigger, mayContinue: false } : trigger;
}

/** Lets a run that replaces another one answer the same reviews. */
export async function inheritReviews(
  { db }: Pick<Dependencies, 'db'>,
  fromRunId: string,
  toRunId: string,
): Promise<void> {
  const joined = lastEvent(await readEvents(db, fromRunId), 'reviews-joined');
  if (joined) await appendEvent(db, toRunId, joined);
}
