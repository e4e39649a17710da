import type { Probot } from 'probot';
import { triggerFromDelivery } from './intake/trigger-from-delivery.js';
import type { Trigger } from './task/task.js';

/**
 * Takes a trigger for good: when this resolves, Postgres has it and GitHub may be told so.
 * @returns false when it is about nothing of ours, and was not kept
 */
export type TakeTrigger = (event: string, trigger: Trigger) => Promise<boolean>;

/**
 * The Probot app: event -> intake. A handler only reads the delivery and writes to Postgres; octokit/webhooks answers
 * 202 by itself after 9 seconds, and GitHub would then count as delivered what a crash could still lose.
 */
export function createApp(take: TakeTrigger, now: () => Date): (probot: Probot) => void {
  return (probot) => {
    probot.onAny(async ({ id, name, payload }) => {
      const trigger = triggerFromDelivery(name, id, payload, now());
      if (!trigger) return;
      const taken = await take(name, trigger);
      if (taken)
        probot.log.info({ delivery: id, trigger: trigger.kind, issue: trigger.issue.url }, 'trigger taken');
    });
  };
}
