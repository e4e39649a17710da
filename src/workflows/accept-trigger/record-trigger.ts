import type { Pool } from 'pg';
import { inTransaction } from '../../database/connection/in-transaction.js';
import { findDuplicate, lockIssue, recordDelivery, recordDuplicate } from '../../database/deliveries.js';
import type { Queue } from '../../engine/queue.js';
import type { Trigger } from '../../task/task.js';
import { mayBeForUs } from './decide-trigger.js';

/**
 * Stores a trigger and enqueues its workflow in one transaction. If the same request is already stored, only
 * records the trigger as a duplicate. Another delivery or the search for missed triggers may have reported
 * the request before.
 * @param event GitHub's name of the event
 * @returns false when the trigger is not for the bot, and nothing was stored
 */
export function recordTrigger(pool: Pool, queue: Queue, event: string, trigger: Trigger): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    if (!(await mayBeForUs(client, trigger))) return false;
    await lockIssue(client, trigger);
    const duplicateOf = await findDuplicate(client, trigger);
    await recordDelivery(client, event, trigger);
    const { deliveryId } = trigger;
    if (duplicateOf) await recordDuplicate(client, deliveryId, duplicateOf);
    else await queue.enqueue(client, 'accept-trigger', `accept-${deliveryId}`, trigger);
    return true;
  });
}
