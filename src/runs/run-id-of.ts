import { createHash } from 'node:crypto';

/** A run's id, always the same for a delivery: a step that is repeated finds the same run. */
export function runIdOf(deliveryId: string): string {
  const hex = createHash('sha256').update(`pullwright run ${deliveryId}`).digest('hex');
  // Version 8 of RFC 9562: the application defines the UUID's content.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
