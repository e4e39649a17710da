import type { Run } from '../../database/run-store.js';
import { outcomeOf } from '../../runs/outcome.js';
import type { Trigger } from '../../task/task.js';

/** What this story does; each step is durable and may be done again after a crash. */
export interface ObeyCommandSteps {
  /** Why the sender may not have it; null when nothing is in the way. */
  findRefusalReason(trigger: Trigger): Promise<string | null>;
  /** Ends the runs that this is about. @returns how many there were */
  stopRuns(trigger: Trigger): Promise<number>;
  /** Makes a run of the latest one's request, or says why there is none. */
  reserveRetry(trigger: Trigger): Promise<{ run: Run } | { refusal: string }>;
  announce(run: Run): Promise<void>;
  admit(run: Run): Promise<void>;
  react(trigger: Trigger): Promise<void>;
  /** What the latest run does, costs, waits for. */
  tellStatus(trigger: Trigger): Promise<void>;
  /** The commands that there are. */
  tellCommands(trigger: Trigger): Promise<void>;
  /** A word on a command, where nothing else says what came of it. */
  tell(trigger: Trigger, text: string): Promise<void>;
  refuse(trigger: Trigger, reason: string): Promise<void>;
  close(trigger: Trigger, result: string): Promise<void>;
  /** Settles the run that was reserved for this trigger, if one was: it would be in the way of all later ones. */
  abandon(trigger: Trigger, reason: string): Promise<void>;
}

/** People's word on what runs, or that what it was for is gone: done at once, whatever else goes on. */
export async function obeyCommand(trigger: Trigger, steps: ObeyCommandSteps): Promise<void> {
  let result: string;
  try {
    result = await obeyUnlessRefused(trigger, steps);
  } catch (error) {
    // GitHub no longer lets us ask who may, or write there: nobody can be told, and the record has to say so.
    const outcome = outcomeOf(error);
    result = `failed: ${'reason' in outcome ? String(outcome.reason) : outcome.kind}`;
    await steps.abandon(trigger, result);
  }
  await steps.close(trigger, result);
}

/** @returns what came of it, for the delivery's record */
async function obeyUnlessRefused(trigger: Trigger, steps: ObeyCommandSteps): Promise<string> {
  if (trigger.kind === 'end') return `stopped ${await steps.stopRuns(trigger)}`;
  if (trigger.kind !== 'control') throw new Error(`${trigger.kind} is no command`);
  const refusalReason = await steps.findRefusalReason(trigger);
  if (refusalReason) {
    await steps.refuse(trigger, refusalReason);
    return `refused: ${refusalReason}`;
  }
  await steps.react(trigger);
  return obey(trigger, steps);
}

async function obey(
  trigger: Extract<Trigger, { kind: 'control' }>,
  steps: ObeyCommandSteps,
): Promise<string> {
  switch (trigger.control) {
    case 'stop': {
      const stopped = await steps.stopRuns(trigger);
      if (stopped === 0) await steps.tell(trigger, 'Nothing is going on here that this could stop.');
      return `stopped ${stopped}`;
    }
    case 'retry': {
      const reserved = await steps.reserveRetry(trigger);
      if ('refusal' in reserved) {
        await steps.tell(trigger, reserved.refusal);
        return `not retried: ${reserved.refusal}`;
      }
      await steps.announce(reserved.run);
      await steps.admit(reserved.run);
      return `run ${reserved.run.id}`;
    }
    case 'status':
      await steps.tellStatus(trigger);
      return 'told';
    case 'help':
      await steps.tellCommands(trigger);
      return 'told';
  }
}
