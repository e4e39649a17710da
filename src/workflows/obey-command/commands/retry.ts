import { appendEvent } from '../../../database/run-events.js';
import { reserveRun } from '../../../database/runs.js';
import { type Run, runIdOf } from '../../../runs/run.js';
import type { Trigger } from '../../../task/task.js';
import { inheritReviews, withoutWait } from '../../answer-review/join-reviews.js';
import type { Dependencies } from '../../dependencies.js';
import { admitRuns, announceRun } from '../../run/control/admission-control.js';
import type { CommandDefinition, CommandTrigger } from '../command.js';
import { findLatest, isLaterThan } from '../find-latest.js';
import { tell } from '../reply.js';

export const retry: CommandDefinition = {
  name: 'retry',
  usage: [
    { form: '/retry', effect: 'repeats the last request and continues from where its run ended' },
    { form: '/retry from scratch', effect: 'repeats the last request from the beginning' },
  ],
  accepts: (argument) => /^(?:|from scratch)[.!]?$/i.test(argument),
  needsOpenIssue: true,
  requesterMayUse: false,
  run: async (d, trigger) => {
    const reserved = await reserveRetry(d, trigger);
    if ('problem' in reserved) {
      const { problem } = reserved;
      await tell(d, trigger, () => problem);
      return `not retried: ${problem}`;
    }
    await announceRun(d, reserved.run);
    await admitRuns(d, reserved.run.id);
    return `run ${reserved.run.id}`;
  },
};

const inProgress = 'A run is in progress here. `/stop` ends it.';

async function reserveRetry(
  { db }: Dependencies,
  trigger: CommandTrigger,
): Promise<{ run: Run } | { problem: string }> {
  const latest = await findLatest(db, trigger);
  if (!latest) return { problem: 'There is no run here to retry.' };
  if (isLaterThan(latest.trigger, trigger))
    return {
      problem:
        'Something else was requested here after this command. `/retry` would now repeat that request. To get the earlier one, comment `/implement` with its instructions.',
    };
  const isOwn = latest.trigger.deliveryId === trigger.deliveryId;
  if (latest.status !== 'settled' && !isOwn) return { problem: inProgress };
  const fromScratch = trigger.instructions !== '';
  // A retry resumes an unfinished run of `implement-issue`. A run of `answer-review` needs no `resume`,
  // because it always works on the current branch.
  const continues =
    !fromScratch && latest.workflow === 'implement-issue' && latest.outcome?.kind !== 'pull-request';
  const { deliveryId, sender, at } = trigger;
  const request: Trigger = {
    ...withoutWait(latest.trigger),
    deliveryId,
    sender,
    at,
    refusalReason: null,
    resume: continues ? latest.id : null,
  };
  const id = runIdOf(deliveryId);
  const reserved = await reserveRun(db, id, request, latest.workflow, latest.issueNumber);
  if ('busyWith' in reserved) return { problem: inProgress };
  await inheritReviews({ db }, latest.id, id);
  const what = `/retry of run ${latest.id}`;
  await appendEvent(db, id, { type: 'accepted', by: sender.login, trigger: what });
  return reserved;
}
