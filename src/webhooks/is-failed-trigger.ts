import { triggeringEvents } from './trigger-from-delivery.js';

/** One attempt to hand over a delivery, as GitHub lists it. */
interface ListedAttempt {
  event: string;
  action: string | null;
  status_code: number;
}

/** Whether GitHub could not hand over something that may be a trigger. */
export function isFailedTrigger({ event, action, status_code: status }: ListedAttempt): boolean {
  return triggeringEvents.includes(`${event}.${action}`) && !(status >= 200 && status < 400);
}
