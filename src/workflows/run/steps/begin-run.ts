import { findStopSince } from '../../../database/deliveries.js';
import { appendEvent } from '../../../database/run-events.js';
import { findRun, markRunning } from '../../../database/runs.js';
import { RunEndedError } from '../../../runs/outcome.js';
import type { Run } from '../../../runs/run.js';
import type { Dependencies } from '../../dependencies.js';

/**
 * Records that this worker has started the run.
 * @throws RunEndedError when people stopped the run while it was queued
 */
export async function beginRun(
  { db, workspaces, publisher, workerId }: Dependencies,
  run: Run,
): Promise<void> {
  await markRunning(db, run.id);
  const { outcome } = (await findRun(db, run.id)) ?? run;
  if (outcome) throw new RunEndedError(outcome);
  const stoppedBy = await findStopSince(db, run);
  if (stoppedBy !== null)
    throw new RunEndedError({ kind: 'stopped', reason: `@${stoppedBy} stopped the run.` });
  await appendEvent(db, run.id, {
    type: 'started',
    worker: workerId,
    ...(workspaces.warning && { warning: workspaces.warning }),
  });
  publisher.follow(run.id);
}
