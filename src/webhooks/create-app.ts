import { setTimeout as pause } from 'node:timers/promises';
import type { Probot } from 'probot';
import { fieldsOfTrigger } from '../runs/log-fields.js';
import type { Trigger } from '../task/task.js';
import { triggerFromDelivery } from './trigger-from-delivery.js';

/**
 * Records a trigger durably: when this resolves, GitHub may be told that the delivery arrived.
 * @returns false when the trigger is not for us, and nothing was recorded
 */
export type RecordTrigger = (event: string, trigger: Trigger) => Promise<boolean>;

/**
 * octokit/webhooks answers 202 by itself after 9 seconds. GitHub would count the delivery as made, and a
 * crash would lose it.
 */
const answerWithinMs = 7000;

/**
 * The Probot app. Its handler only reads the delivery and records its trigger. If that takes too long, GitHub
 * gets an error, and the delivery is requested again later.
 */
export function createApp(
  record: RecordTrigger,
  now: () => Date,
  withinMs = answerWithinMs,
): (probot: Probot) => void {
  return (probot) => {
    probot.onAny(async ({ id, name, payload }) => {
      const trigger = triggerFromDelivery(name, id, payload, now());
      if (!trigger) return;
      const isRecorded = await inTime(record(name, trigger), withinMs);
      if (isRecorded)
        probot.log.info(
          { ...fieldsOfTrigger(trigger), url: trigger.issue.url, trigger: trigger.kind },
          'trigger recorded',
        );
    });
  };
}

/** A delivery that was recorded too late is recognized by its id when it comes again. */
async function inTime<T>(recording: Promise<T>, withinMs: number): Promise<T> {
  const done = new AbortController();
  const late = pause(withinMs, undefined, { signal: done.signal }).then(() => {
    throw new Error(`the database did not record the delivery within ${withinMs} ms`);
  });
  try {
    return await Promise.race([recording, late]);
  } finally {
    done.abort();
    // The first of the two to settle decides what GitHub is told.
    late.catch(() => {});
    recording.catch(() => {});
  }
}
