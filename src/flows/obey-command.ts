import type { Run } from '../runs/run-store.js';
import { settlementOf } from '../runs/settlement.js';
import type { Trigger } from '../task/task.js';
import type { AcceptTriggerSteps } from './accept-trigger.js';

export type Control = Extract<Trigger, { kind: 'control' }>;
export type Obeyed = Extract<Trigger, { kind: 'control' | 'end' }>;

/** What this story does, a step each; every one is durable and may be done again after a crash. */
export interface ObeyCommandSteps
  extends Pick<AcceptTriggerSteps, 'refuse' | 'react' | 'announce' | 'admit' | 'close' | 'abandon'> {
  /** Why the sender may not have this done; null when nothing is in the way. */
  findObjection(trigger: Control): Promise<string | null>;
  /** Ends what stands in line, and has what is going end within one call of a tool. @returns how many runs that are */
  stopRuns(trigger: Obeyed): Promise<number>;
  /** Tells how far the runs are. */
  tellStatus(trigger: Control): Promise<void>;
  /** @param topic what people are told in a short comment */
  tell(
    trigger: Control,
    topic: 'commands' | 'nothing-to-stop' | 'nothing-to-retry' | 'already-going',
  ): Promise<void>;
  /** The latest run's request once more, going on with its work unless that is to begin anew. */
  reserveRetry(trigger: Control): Promise<{ run: Run } | 'nothing-to-retry' | 'already-going'>;
}

/** People's word on a run, and the end of what it was for: done at once, whatever else goes on. */
export async function obeyCommand(trigger: Obeyed, steps: ObeyCommandSteps): Promise<void> {
  let outcome: string;
  try {
    outcome = trigger.kind === 'end' ? await stop(trigger, steps) : await obeyUnlessRefused(trigger, steps);
  } catch (error) {
    const settlement = settlementOf(error);
    outcome = `failed: ${'because' in settlement ? String(settlement.because) : settlement.kind}`;
    await steps.abandon(trigger, outcome);
  }
  await steps.close(trigger, outcome);
}

async function obeyUnlessRefused(trigger: Control, steps: ObeyCommandSteps): Promise<string> {
  const objection = await steps.findObjection(trigger);
  if (objection) {
    await steps.refuse(trigger, objection);
    return `refused: ${objection}`;
  }
  await steps.react(trigger);
  switch (trigger.control) {
    case 'stop':
      return stop(trigger, steps);
    case 'status':
      await steps.tellStatus(trigger);
      return 'answered';
    case 'retry':
      return retry(trigger, steps);
    case 'help':
      await steps.tell(trigger, 'commands');
      return 'answered';
  }
}

async function stop(trigger: Obeyed, steps: ObeyCommandSteps): Promise<string> {
  const stopped = await steps.stopRuns(trigger);
  if (stopped === 0 && trigger.kind === 'control') await steps.tell(trigger, 'nothing-to-stop');
  return stopped === 0 ? 'nothing to stop' : `stopped ${stopped}`;
}

async function retry(trigger: Control, steps: ObeyCommandSteps): Promise<string> {
  const reserved = await steps.reserveRetry(trigger);
  if (typeof reserved === 'string') {
    await steps.tell(trigger, reserved);
    return `refused: ${reserved}`;
  }
  await steps.announce(reserved.run);
  await steps.admit(reserved.run);
  return `run ${reserved.run.id}`;
}
