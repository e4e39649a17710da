import type { DeliveryAttempt } from '../github/webhook-deliveries.js';
import { triggeringEvents } from './trigger-from-delivery.js';

/** Whether a delivery that may hold a trigger did not reach us. */
export function isFailedTrigger({
  event,
  action,
  statusCode,
}: Pick<DeliveryAttempt, 'event' | 'action' | 'statusCode'>): boolean {
  return triggeringEvents.includes(`${event}.${action}`) && !(statusCode >= 200 && statusCode < 400);
}
