import { describeRefusal } from '../../messages/refusals.js';
import type { Trigger } from '../../task/task.js';
import { describeError } from '../accept-trigger/answer-trigger.js';
import type { CommandTrigger } from './command.js';
import type { ObeyCommandSteps } from './steps.js';

type Cancellation = Extract<Trigger, { kind: 'end' }>;

/** Carries out a command or a cancellation at once, even if a run is in progress. */
export async function obeyCommand(
  trigger: CommandTrigger | Cancellation,
  steps: ObeyCommandSteps,
): Promise<void> {
  let result: string;
  try {
    result = trigger.kind === 'end' ? `stopped ${await steps.stopRuns(trigger)}` : await obey(trigger, steps);
  } catch (error) {
    // The bot may be unable to reply, for example because GitHub refuses it access. The delivery's record
    // stores the reason.
    const reason = describeError(error);
    result = `failed: ${reason}`;
    await steps.abandonRun(trigger, reason);
  }
  await steps.recordResult(trigger, result);
}

/**
 * Decides about a command and, if it is accepted, carries it out.
 * @returns a short result for the delivery's record, such as `stopped 1`
 */
async function obey(trigger: CommandTrigger, steps: ObeyCommandSteps): Promise<string> {
  const decision = await steps.decide(trigger);
  if (decision.kind === 'ignore') return 'ignored';
  if (decision.kind === 'refuse') {
    await steps.refuse(trigger, decision.reason);
    return `refused: ${describeRefusal(decision.reason)}`;
  }
  await steps.react(trigger);
  return steps.runCommand(trigger);
}
