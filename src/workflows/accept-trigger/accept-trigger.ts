import { describeRefusal } from '../../messages/refusals.js';
import type { RefusalReason } from '../../runs/refusal-reason.js';
import type { Trigger } from '../../task/task.js';
import { describeError } from './answer-trigger.js';
import type { AcceptTriggerSteps } from './steps.js';

/** Turns a recorded trigger into a queued run, or refuses it with a reason. */
export async function acceptTrigger(trigger: Trigger, steps: AcceptTriggerSteps): Promise<void> {
  let result: string;
  try {
    result = await queueRun(trigger, steps);
  } catch (error) {
    const reason: RefusalReason = { kind: 'undecided', text: describeError(error) };
    await steps.abandonRun(trigger, describeRefusal(reason));
    result = await refuse(trigger, reason, steps);
  }
  await steps.recordResult(trigger, result);
}

/**
 * Decides about the trigger and, if it is accepted, queues a run.
 * @returns a short result for the delivery's record, such as `run <id>`
 */
async function queueRun(trigger: Trigger, steps: AcceptTriggerSteps): Promise<string> {
  const decision = await steps.decide(trigger);
  if (decision.kind === 'ignore') return 'ignored';
  if (decision.kind === 'refuse') return refuse(trigger, decision.reason, steps);

  const reserved = await steps.reserveRun(trigger);
  if ('busyWith' in reserved) {
    const isPassedOn = await steps.passOn(trigger, reserved.busyWith);
    if (!isPassedOn) return refuse(trigger, runInProgress(trigger), steps);
    await steps.react(trigger);
    return `passed on to run ${reserved.busyWith}`;
  }

  await steps.react(trigger);
  await steps.announceRun(reserved.run);
  await steps.admitRun(reserved.run);
  return `run ${reserved.run.id}`;
}

async function refuse(trigger: Trigger, reason: RefusalReason, steps: AcceptTriggerSteps): Promise<string> {
  await steps.refuse(trigger, reason);
  return `refused: ${describeRefusal(reason)}`;
}

/**
 * Returns the refusal for an issue that already has a run in progress. `takesMessages` tells whether that run
 * may still accept instructions. It is false if the trigger has instructions, because the run has just
 * rejected them. A run rejects instructions after its agent has finished.
 */
function runInProgress(trigger: Trigger): RefusalReason {
  const hadInstructions = trigger.kind === 'command' && trigger.instructions !== '';
  return { kind: 'run-in-progress', takesMessages: !hadInstructions };
}
