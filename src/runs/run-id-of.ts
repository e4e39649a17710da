import { createHash } from 'node:crypto';

/** Derives a run's id from the id of its delivery. A repeated step therefore finds the same run. */
export function runIdOf(deliveryId: string): string {
  const hex = createHash('sha256').update(`pullwright run ${deliveryId}`).digest('hex');
  // RFC 9562 defines version 8 for UUIDs whose content the application chooses.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
