import { appendEvent } from '../../../database/run-events.js';
import * as messages from '../../../database/steering-messages.js';
import { sanitizeText } from '../../../text/sanitize.js';
import type { Dependencies } from '../../dependencies.js';

type SteeringMessage = messages.SteeringMessage;

/** The maximum number of characters that the agent sees of one comment. */
const maxCharacters = 8000;

/*
 * This file handles messages that people send to a run while its agent works. Every function is safe to
 * repeat after a crash.
 */

/**
 * Adds a message for the agent of a run.
 * @returns false if the run accepts no more messages because its agent has finished
 */
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
 * Returns the messages that the agent has not received yet. A turn that runs again after a crash gets the
 * same messages again.
 * @param closing whether the agent wants to finish. If it does and there are no messages, the run accepts no
 * more messages from now on.
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
    const hidden = clean.hidden.map((kind) => `${kind} in a comment by ${author}`);
    await appendEvent(db, runId, { type: 'heard', turn, hidden }, `heard-${id}`);
    taken.push({ author, text: clean.text });
  }
  return taken;
}

/**
 * Moves messages from a run to the run that replaces it.
 * @param which `undelivered` if the new run continues the conversation, `all` if it starts over
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
