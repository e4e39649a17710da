import type { Probot } from 'probot';
import { triggerFromDelivery } from './intake/trigger-from-delivery.js';
import type { Trigger } from './task/task.js';

/** Takes a trigger for good: when this resolves, Postgres has it and GitHub may be told so. */
export type TakeTrigger = (event: string, trigger: Trigger) => Promise<void>;

/**
 * The Probot app: event -> intake. A handler only reads the delivery and writes to Postgres; octokit/webhooks answers
 * 202 by itself after 9 seconds, and GitHub would then count as delivered what a crash could still lose.
 */
export function createApp(take: TakeTrigger, now: () => Date): (probot: Probot) => void {
  return (probot) => {
    probot.on(['issues.labeled', 'issue_comment.created'], async ({ id, name, payload, log }) => {
      const trigger = triggerFromDelivery(name, id, payload, now());
      if (!trigger) return;
      await take(name, trigger);
      log.info({ delivery: id, trigger: trigger.kind, issue: trigger.issue.url }, 'trigger taken');
    });
  };
}
