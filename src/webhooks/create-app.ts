import { setTimeout as pause } from 'node:timers/promises';
import type { Probot } from 'probot';
import type { Trigger } from '../task/task.js';
import { triggerFromDelivery } from './trigger-from-delivery.js';

/**
 * Takes a trigger for good: when this resolves, Postgres has it and GitHub may be told so.
 * @returns false when it is about nothing of ours, and was not kept
 */
export type RecordTrigger = (event: string, trigger: Trigger) => Promise<boolean>;

/** octokit/webhooks answers 202 by itself after 9 seconds, and GitHub would then count as delivered what may still be lost. */
const answerWithinMs = 7000;

/**
 * The Probot app: event -> intake. A handler only reads the delivery and writes to Postgres; what Postgres does not have in time
 * is answered as a failure, and asked for again.
 */
export function createApp(
  take: RecordTrigger,
  now: () => Date,
  withinMs = answerWithinMs,
): (probot: Probot) => void {
  return (probot) => {
    probot.onAny(async ({ id, name, payload }) => {
      const trigger = triggerFromDelivery(name, id, payload, now());
      if (!trigger) return;
      const taken = await inTime(take(name, trigger), withinMs);
      if (taken)
        probot.log.info({ delivery: id, trigger: trigger.kind, issue: trigger.issue.url }, 'trigger taken');
    });
  };
}

/** What comes too late may have been kept all the same: coming again, it is known by its id. */
async function inTime<T>(taking: Promise<T>, withinMs: number): Promise<T> {
  const done = new AbortController();
  const late = pause(withinMs, undefined, { signal: done.signal }).then(() => {
    throw new Error(`the database did not keep the delivery within ${withinMs} ms`);
  });
  try {
    return await Promise.race([taking, late]);
  } finally {
    done.abort();
    // Whichever came second: of the delivery that failed GitHub is told by the first.
    late.catch(() => {});
    taking.catch(() => {});
  }
}
