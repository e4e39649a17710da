import { setTimeout as pause } from 'node:timers/promises';
import type { Probot } from 'probot';
import { fieldsOfTrigger } from '../runs/log-fields.js';
import type { Trigger } from '../task/task.js';
import { triggerFromDelivery } from './trigger-from-delivery.js';

/**
 * Stores a trigger in the database if the trigger is for the bot. GitHub gets a success response only after
 * the trigger has been stored.
 * @returns false when the trigger is not for the bot, so that nothing was stored
 */
export type RecordTrigger = (event: string, trigger: Trigger) => Promise<boolean>;

/**
 * The time limit for recording a delivery. It must be shorter than 9 seconds, because octokit/webhooks
 * responds with 202 after that time. GitHub would then count the delivery as successful, and a crash could
 * lose it.
 */
const answerWithinMs = 7000;

/**
 * Creates the Probot app. Its handler only reads a delivery and records its trigger. If recording takes too
 * long, GitHub gets an error response, and a periodic job requests the delivery again.
 * @param botName returns the name by which people mention the bot, as far as it is known
 */
export function createApp(
  record: RecordTrigger,
  now: () => Date,
  botName: () => string | null,
  withinMs = answerWithinMs,
): (probot: Probot) => void {
  return (probot) => {
    probot.onAny(async ({ id, name, payload }) => {
      const trigger = triggerFromDelivery(name, id, payload, now(), botName());
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

/**
 * Throws if a recording takes too long. The recording may still succeed later. In that case, the repeated
 * delivery is recognized as a duplicate by its id.
 */
async function inTime<T>(recording: Promise<T>, withinMs: number): Promise<T> {
  const done = new AbortController();
  const late = pause(withinMs, undefined, { signal: done.signal }).then(() => {
    throw new Error(`the database did not record the delivery within ${withinMs} ms`);
  });
  try {
    return await Promise.race([recording, late]);
  } finally {
    done.abort();
    // The slower of the two promises can still fail. Ignore its error, because nobody waits for it any more.
    late.catch(() => {});
    recording.catch(() => {});
  }
}
