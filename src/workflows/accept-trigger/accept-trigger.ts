import type { Run } from '../../database/run-store.js';
import { outcomeOf } from '../../runs/outcome.js';
import type { Trigger } from '../../task/task.js';

/** What this story does, a step each; every one is durable and may be done again after a crash. */
export interface AcceptTriggerSteps {
  /** False for a label that neither the operator nor the repository gave to an agent, and for what was withdrawn. */
  isRelevant(trigger: Trigger): Promise<boolean>;
  /** Why the sender may not have this done, or why it cannot be done; null when nothing is in the way. */
  findRefusal(trigger: Trigger): Promise<string | null>;
  reserveRun(trigger: Trigger): Promise<{ run: Run } | { busyWith: string }>;
  /** Has the run that goes on hear the words of a command; false where there are none, or its agent has ended its work. */
  passOn(trigger: Trigger, runId: string): Promise<boolean>;
  /** Says no, once, with the reason; where nobody can be told (a locked issue), the log is. */
  refuse(trigger: Trigger, reason: string): Promise<void>;
  /** Shows on the command itself that it was seen. */
  react(trigger: Trigger): Promise<void>;
  /** Writes the one progress comment: the place in line, or the limit that holds it back. */
  announce(run: Run): Promise<void>;
  /** Puts the run in the queue, as soon as no limit per person, repository or server holds it back. */
  admit(run: Run): Promise<void>;
  close(trigger: Trigger, result: string): Promise<void>;
  /** Settles the run that was reserved for this trigger, if one was: it would be in the way of all later ones. */
  abandon(trigger: Trigger, reason: string): Promise<void>;
}

/** From a recorded trigger to a queued run, or to a clear no. */
export async function acceptTrigger(trigger: Trigger, steps: AcceptTriggerSteps): Promise<void> {
  let answer: Answer;
  try {
    answer = (await steps.isRelevant(trigger))
      ? await queueUnlessRefused(trigger, steps)
      : { result: 'not for us' };
  } catch (error) {
    answer = { refusal: describeEnd(error) };
    await steps.abandon(trigger, answer.refusal);
  }
  if ('refusal' in answer) await steps.refuse(trigger, answer.refusal);
  await steps.close(trigger, 'refusal' in answer ? `refused: ${answer.refusal}` : answer.result);
}

async function queueUnlessRefused(trigger: Trigger, steps: AcceptTriggerSteps): Promise<Answer> {
  const refusal = await steps.findRefusal(trigger);
  if (refusal) return { refusal };

  const reserved = await steps.reserveRun(trigger);
  if ('busyWith' in reserved) {
    if (!(await steps.passOn(trigger, reserved.busyWith))) return { refusal: alreadyGoing(trigger) };
    await steps.react(trigger);
    return { result: `told to run ${reserved.busyWith}` };
  }

  await steps.react(trigger);
  await steps.announce(reserved.run);
  await steps.admit(reserved.run);
  return { result: `run ${reserved.run.id}` };
}

/** What came of a trigger: for its record, or to be said to people. */
type Answer = { result: string } | { refusal: string };

function alreadyGoing(trigger: Trigger): string {
  return trigger.kind === 'command' && trigger.instructions !== ''
    ? 'a run for this issue is going, and its agent has ended its work, so it can be told nothing more; say it on the pull request, or here when the run has ended'
    : 'a run for this issue is already going; its progress comment says how far it is. `/implement` with words tells them to its agent';
}

function describeEnd(error: unknown): string {
  const outcome = outcomeOf(error);
  return 'reason' in outcome ? String(outcome.reason) : `it ended with ${outcome.kind}`;
}
