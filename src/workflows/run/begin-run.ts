import type { Run } from '../../database/run-store.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { Dependencies } from '../implement-issue/steps.js';

/**
 * A worker takes the run on.
 * @throws RunEnded when people ended it while it stood in line
 */
export async function beginRun(
  run: Run,
  { store, control, workspaces, publisher, workerId }: Dependencies,
): Promise<void> {
  await store.markRunning(run.id);
  const { outcome } = (await store.findRun(run.id)) ?? run;
  if (outcome) throw new RunEndedError(outcome);
  const stoppedBy = await control.findStopSince(run);
  if (stoppedBy !== null) throw new RunEndedError({ kind: 'stopped', reason: `@${stoppedBy} stopped it` });
  await store.appendEvent(run.id, {
    type: 'started',
    worker: workerId,
    ...(workspaces.warning && { warning: workspaces.warning }),
  });
  publisher.follow(run.id);
}
