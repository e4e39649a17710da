import type { Queryable } from './queryable.js';
import * as messages from './steering-messages.js';

export type SteeringStore = ReturnType<typeof openSteeringStore>;

/** Delegates to steering-messages.ts. */
export function openSteeringStore(db: Queryable) {
  return {
    add: (runId: string, deliveryId: string, message: messages.SteeringMessage) =>
      messages.addMessage(db, runId, deliveryId, message),
    take: (runId: string, turn: number, closing: boolean) => messages.takeMessages(db, runId, turn, closing),
    move: (
      from: string,
      to: string,
      which: 'unheard' | 'all',
      told: (author: string, deliveryId: string) => Promise<void>,
    ) => messages.moveMessages(db, from, to, which === 'all' ? 'all' : 'undelivered', told),
  };
}
