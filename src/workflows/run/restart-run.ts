import { recordDelivery, recordDeliveryResult } from '../../database/deliveries.js';
import { appendEvent, findRecordedOutcome } from '../../database/run-events.js';
import { findRun, reserveRun } from '../../database/runs.js';
import type { Steps } from '../../engine/steps.js';
import type { Outcome } from '../../runs/outcome.js';
import { type Run, runIdOf } from '../../runs/run.js';
import { inheritReviews, withoutWait } from '../answer-review/join-reviews.js';
import type { Dependencies } from '../dependencies.js';
import { admitRun, announceRun } from './control/admission-control.js';
import { inheritMessages } from './control/steering.js';
import { endRun } from './end-run.js';
import { recordRunOutcome, tellPeople } from './steps/end-run-steps.js';

export const restartRunSteps = {
  findOutcome: { name: 'find-outcome', run: findOutcome },
  tellPeople: { name: 'tell-people', run: tellPeople },
  recordOutcome: { name: 'record-outcome', run: recordRunOutcome },
  reserveReplacement: { name: 'reserve-replacement', run: reserveReplacement },
  announceRun: { name: 'announce-run', run: announceRun },
  admitRun: { name: 'admit-run', run: admitRun },
};
export type RestartRunSteps = Steps<typeof restartRunSteps>;

/** The steps that end a run if the run's own workflow cannot continue. */
export const endRunSteps = {
  findRun: { name: 'find-run', run: findRunById },
  findOutcome: { name: 'find-outcome', run: findOutcome },
  tellPeople: { name: 'tell-people', run: tellPeople },
  recordOutcome: { name: 'record-outcome', run: recordRunOutcome },
};

/** Ends a run that no worker can continue, and starts a new run for the same request. */
export async function restartRun(run: Run, reason: string, steps: RestartRunSteps): Promise<void> {
  // If the run already has an outcome, only make sure that people are told about it. Do not start a new run.
  const outcome = await steps.findOutcome(run.id);
  if (outcome) return endRun(run, outcome, steps);
  await endRun(run, { kind: 'stopped', reason }, steps);
  const replacement = await steps.reserveReplacement(run);
  if (!replacement) return;
  await steps.announceRun(replacement);
  await steps.admitRun(replacement);
}

function findRunById({ db }: Dependencies, runId: string): Promise<Run | null> {
  return findRun(db, runId);
}

function findOutcome({ db }: Dependencies, runId: string): Promise<Outcome | null> {
  return findRecordedOutcome(db, runId);
}

/**
 * Reserves a new run for the request of the ended run.
 * @returns null when people have already requested another run
 */
async function reserveReplacement(d: Dependencies, run: Run): Promise<Run | null> {
  const deliveryId = `again-${run.id}`;
  const trigger = { ...withoutWait(run.trigger), deliveryId };
  await recordDelivery(d.db, 'restart', trigger);
  const reserved = await reserveRun(d.db, runIdOf(deliveryId), trigger, run.workflow, run.issueNumber);
  const result = 'run' in reserved ? `run ${reserved.run.id}` : 'people already requested another run';
  await recordDeliveryResult(d.db, deliveryId, result);
  if (!('run' in reserved)) return null;
  await inheritMessages(d, run.id, reserved.run.id, 'all');
  await inheritReviews(d, run.id, reserved.run.id);
  await appendEvent(d.db, reserved.run.id, {
    type: 'accepted',
    by: trigger.sender.login,
    trigger: `restart of run ${run.id}`,
  });
  return reserved.run;
}
