import { appendEvent } from '../../../database/run-events.js';
import * as messages from '../../../database/steering-messages.js';
import { sanitizeText } from '../../../text/sanitize.js';
import type { Dependencies } from '../../dependencies.js';

type SteeringMessage = messages.SteeringMessage;

/** The maximum number of characters of one comment that the agent sees. */
const maxCharacters = 8000;

/*
 * Messages that people send to a run while its agent works. Every function can be repeated after a crash.
 */

/** @returns false if the run accepts no more messages because its agent has finished */
export async function addMessage(
  { db }: Pick<Dependencies, 'db'>,
  runId: string,
  deliveryId: string,
  message: SteeringMessage,
): Promise<boolean> {
  const isAdded = await messages.addMessage(db, runId, deliveryId, message);
  if (isAdded) await recordMessage(db, runId, message.author, deliveryId);
  return isAdded;
}

/**
 * The messages since the agent's last turn; the same ones again when the turn is repeated.
 * @param closing the agent wants to finish: if there are no messages, the run accepts no more from now on
 */
export async function takeMessages(
  { db }: Pick<Dependencies, 'db'>,
  runId: string,
  turn: number,
  closing: boolean,
): Promise<SteeringMessage[]> {
  const taken: SteeringMessage[] = [];
  for (const { id, author, text } of await messages.takeMessages(db, runId, turn, closing)) {
    const clean = sanitizeText(text, maxCharacters);
    const hidden = clean.hidden.map((kind) => `${kind} in a comment of ${author}`);
    await appendEvent(db, runId, { type: 'heard', turn, hidden }, `heard-${id}`);
    taken.push({ author, text: clean.text });
  }
  return taken;
}

/**
 * Moves messages to the run that replaces another one.
 * @param which `all` for a run that starts over
 */
export function inheritMessages(
  { db }: Pick<Dependencies, 'db'>,
  from: string,
  to: string,
  which: 'undelivered' | 'all',
): Promise<void> {
  return messages.moveMessages(db, from, to, which, (author, deliveryId) =>
    recordMessage(db, to, author, deliveryId),
  );
}

function recordMessage(db: Dependencies['db'], runId: string, by: string, deliveryId: string): Promise<void> {
  return appendEvent(db, runId, { type: 'said', by }, `said-${deliveryId}`);
}
