import type { RecordedEvent, RunEvent } from './run-event.js';

/** Returns the newest event of a type, or undefined if there is none. */
export function lastEvent<Type extends RunEvent['type']>(
  events: readonly RecordedEvent[],
  type: Type,
): Extract<RunEvent, { type: Type }> | undefined {
  return events
    .map(({ event }) => event)
    .findLast((event): event is Extract<RunEvent, { type: Type }> => event.type === type);
}
