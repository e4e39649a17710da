import { describeRefusal } from '../../messages/refusals.js';
import type { Trigger } from '../../task/task.js';
import { describeError } from '../accept-trigger/answer-trigger.js';
import type { CommandTrigger } from './command.js';
import type { ObeyCommandSteps } from './steps.js';

type Cancellation = Extract<Trigger, { kind: 'end' }>;

/** Carries out commands and cancellations at once, even if a run is in progress. */
export async function obeyCommand(
  trigger: CommandTrigger | Cancellation,
  steps: ObeyCommandSteps,
): Promise<void> {
  let result: string;
  try {
    result = trigger.kind === 'end' ? `stopped ${await steps.stopRuns(trigger)}` : await obey(trigger, steps);
  } catch (error) {
    // GitHub does not let the bot check or write, so it cannot tell anyone. The delivery's record contains
    // the reason.
    const reason = describeError(error);
    result = `failed: ${reason}`;
    await steps.abandonRun(trigger, reason);
  }
  await steps.recordResult(trigger, result);
}

/** @returns the delivery's result, for its record */
async function obey(trigger: CommandTrigger, steps: ObeyCommandSteps): Promise<string> {
  const decision = await steps.decide(trigger);
  if (decision.kind === 'ignore') return 'not for us';
  if (decision.kind === 'refuse') {
    await steps.refuse(trigger, decision.reason);
    return `refused: ${describeRefusal(decision.reason)}`;
  }
  await steps.react(trigger);
  return steps.runCommand(trigger);
}
