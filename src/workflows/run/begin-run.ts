import type { Run } from '../../database/run-store.js';
import { RunEnded } from '../../runs/outcome.js';
import type { ImplementIssueParts } from '../implement-issue/steps.js';

/**
 * A worker takes the run on.
 * @throws RunEnded when people ended it while it stood in line
 */
export async function beginRun(
  run: Run,
  { store, control, workspaces, publisher, workerId }: ImplementIssueParts,
): Promise<void> {
  await store.markRunning(run.id);
  const { settlement } = (await store.findRun(run.id)) ?? run;
  if (settlement) throw new RunEnded(settlement);
  const stoppedBy = await control.findStopSince(run);
  if (stoppedBy !== null) throw new RunEnded({ kind: 'stopped', because: `@${stoppedBy} stopped it` });
  await store.appendEvent(run.id, {
    type: 'started',
    worker: workerId,
    ...(workspaces.warning && { warning: workspaces.warning }),
  });
  publisher.follow(run.id);
}
