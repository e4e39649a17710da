import type { Run } from '../runs/run-store.js';
import type { Trigger } from '../task/task.js';

/** What this story does, a step each; every one is durable and may be done again after a crash. */
export interface AcceptTriggerSteps {
  /** False for a label that neither the operator nor the repository gave to an agent. */
  concernsUs(trigger: Trigger): Promise<boolean>;
  /** Why the sender may not have this done, or why it cannot be done; null when nothing is in the way. */
  findRefusal(trigger: Trigger): Promise<string | null>;
  reserveRun(trigger: Trigger): Promise<{ run: Run } | { busyWith: string }>;
  /** Says no, once, with the reason. */
  refuse(trigger: Trigger, because: string): Promise<void>;
  /** Shows on the command itself that it was seen. */
  react(trigger: Trigger): Promise<void>;
  /** Writes the one progress comment: the place in line. */
  announce(run: Run): Promise<void>;
  /** Puts the run in the queue, where it waits for its turn. */
  enqueue(run: Run): Promise<void>;
  close(trigger: Trigger, outcome: string): Promise<void>;
}

/** From a recorded trigger to a queued run, or to a clear no. */
export async function acceptTrigger(trigger: Trigger, steps: AcceptTriggerSteps): Promise<void> {
  if (!(await steps.concernsUs(trigger))) return steps.close(trigger, 'not for us');

  const refusal = await steps.findRefusal(trigger);
  if (refusal) return refuse(trigger, refusal, steps);

  const reserved = await steps.reserveRun(trigger);
  if ('busyWith' in reserved)
    return refuse(
      trigger,
      'a run for this issue is already going; its progress comment says how far it is',
      steps,
    );

  await steps.react(trigger);
  await steps.announce(reserved.run);
  await steps.enqueue(reserved.run);
  await steps.close(trigger, `run ${reserved.run.id}`);
}

async function refuse(trigger: Trigger, because: string, steps: AcceptTriggerSteps): Promise<void> {
  await steps.refuse(trigger, because);
  await steps.close(trigger, `refused: ${because}`);
}
