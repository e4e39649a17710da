import type { Run } from '../runs/run-store.js';
import { settlementOf } from '../runs/settlement.js';
import type { Trigger } from '../task/task.js';

/** What this story does, a step each; every one is durable and may be done again after a crash. */
export interface AcceptTriggerSteps {
  /** False for a label that neither the operator nor the repository gave to an agent, and for what was withdrawn. */
  concernsUs(trigger: Trigger): Promise<boolean>;
  /** Why the sender may not have this done, or why it cannot be done; null when nothing is in the way. */
  findRefusal(trigger: Trigger): Promise<string | null>;
  reserveRun(trigger: Trigger): Promise<{ run: Run } | { busyWith: string }>;
  /** Says no, once, with the reason; where nobody can be told (a locked issue), the log is. */
  refuse(trigger: Trigger, because: string): Promise<void>;
  /** Shows on the command itself that it was seen. */
  react(trigger: Trigger): Promise<void>;
  /** Writes the one progress comment: the place in line, or the limit that holds it back. */
  announce(run: Run): Promise<void>;
  /** Puts the run in the queue, as soon as no limit per person, repository or server holds it back. */
  admit(run: Run): Promise<void>;
  close(trigger: Trigger, outcome: string): Promise<void>;
  /** Settles the run that was reserved for this trigger, if one was: it would be in the way of all later ones. */
  abandon(trigger: Trigger, because: string): Promise<void>;
}

/** From a recorded trigger to a queued run, or to a clear no. */
export async function acceptTrigger(trigger: Trigger, steps: AcceptTriggerSteps): Promise<void> {
  if (!(await steps.concernsUs(trigger))) return steps.close(trigger, 'not for us');
  let answer: { queued: string } | { refusal: string };
  try {
    answer = await queueUnlessRefused(trigger, steps);
  } catch (error) {
    answer = { refusal: describeEnd(error) };
    await steps.abandon(trigger, answer.refusal);
  }
  if ('refusal' in answer) await steps.refuse(trigger, answer.refusal);
  await steps.close(trigger, 'refusal' in answer ? `refused: ${answer.refusal}` : `run ${answer.queued}`);
}

async function queueUnlessRefused(
  trigger: Trigger,
  steps: AcceptTriggerSteps,
): Promise<{ queued: string } | { refusal: string }> {
  const refusal = await steps.findRefusal(trigger);
  if (refusal) return { refusal };

  const reserved = await steps.reserveRun(trigger);
  if ('busyWith' in reserved)
    return { refusal: 'a run for this issue is already going; its progress comment says how far it is' };

  await steps.react(trigger);
  await steps.announce(reserved.run);
  await steps.admit(reserved.run);
  return { queued: reserved.run.id };
}

function describeEnd(error: unknown): string {
  const settlement = settlementOf(error);
  return 'because' in settlement ? String(settlement.because) : `it ended with ${settlement.kind}`;
}
