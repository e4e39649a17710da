import { recordDelivery, recordDeliveryResult } from '../../database/deliveries.js';
import { appendEvent } from '../../database/run-events.js';
import { reserveRun } from '../../database/runs.js';
import { type Run, runIdOf } from '../../runs/run.js';
import type { Trigger } from '../../task/task.js';
import type { Dependencies } from '../dependencies.js';

/**
 * Reserves a run that merges the conflicting base branch. The requester of the new run is the person who
 * requested `run`.
 */
export async function reserveMerge({ db }: Dependencies, run: Run): Promise<Run> {
  const deliveryId = `conflict-${run.id}`;
  const { repository, issue, sender, at } = run.trigger;
  const trigger: Trigger = {
    kind: 'conflict',
    deliveryId,
    repository,
    issue,
    sender,
    at,
    refusalReason: null,
    onPullRequest: true,
    resume: null,
  };
  await recordDelivery(db, 'conflict', trigger);
  const reserved = await reserveRun(db, runIdOf(deliveryId), trigger, run.workflow, run.issueNumber);
  if (!('run' in reserved)) throw new Error(`could not reserve a run for the conflict of run ${run.id}`);
  await recordDeliveryResult(db, deliveryId, `run ${reserved.run.id}`);
  await appendEvent(db, reserved.run.id, { type: 'accepted', by: sender.login, trigger: 'a merge conflict' });
  return reserved.run;
}
