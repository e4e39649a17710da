import type { DeliveryAttempt } from '../github/webhook-deliveries.js';
import { triggeringEvents } from './trigger-from-delivery.js';

/** Returns whether a delivery failed and may contain a trigger. */
export function isFailedTrigger({
  event,
  action,
  statusCode,
}: Pick<DeliveryAttempt, 'event' | 'action' | 'statusCode'>): boolean {
  return triggeringEvents.includes(`${event}.${action}`) && !(statusCode >= 200 && statusCode < 400);
}
