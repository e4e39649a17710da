import { type Queryable, rowsOf } from './queryable.js';

/** A message that a person sent to a run while its agent worked. The text is as the person wrote it. */
export interface SteeringMessage {
  /** The author's GitHub login. */
  author: string;
  text: string;
}

/**
 * Adds a message for the agent of a run. A repeated delivery adds no second message.
 * @returns false when the run accepts no more messages because its agent has finished
 */
export async function addMessage(
  db: Queryable,
  runId: string,
  deliveryId: string,
  { author, text }: SteeringMessage,
): Promise<boolean> {
  const added = await rowsOf(
    db,
    `with run as (
       select id from pullwright.runs where id = $1 and status <> 'settled' and not steering_closed for update)
     insert into pullwright.steering_messages (run_id, delivery_id, author, text) select id, $2, $3, $4 from run
     on conflict do nothing returning id`,
    [runId, deliveryId, author, text],
  );
  if (added.length > 0) return true;
  const known = await rowsOf(db, 'select from pullwright.steering_messages where delivery_id = $1', [
    deliveryId,
  ]);
  return known.length > 0;
}

/**
 * Returns the messages that the agent has not received yet, in the order in which they were sent. If a turn
 * is repeated, it receives the same messages again, and any new ones.
 * @param closing true if the agent wants to finish. If it is true and this function returns no messages, the
 * run accepts no more messages.
 */
export async function takeMessages(
  db: Queryable,
  runId: string,
  turn: number,
  closing: boolean,
): Promise<(SteeringMessage & { id: string })[]> {
  // Close the run for messages first. The query below then finds every earlier message, and later messages
  // are refused.
  if (closing) await setClosed(db, runId, true);
  const taken = await rowsOf(
    db,
    `update pullwright.steering_messages set delivered_in = $2
     where run_id = $1 and (delivered_in is null or delivered_in = $2)
     returning id, author, text`,
    [runId, turn],
  );
  if (closing && taken.length > 0) await setClosed(db, runId, false);
  return taken
    .sort((one, other) => Number(one.id) - Number(other.id))
    .map(({ id, author, text }) => ({ id: String(id), author, text }));
}

async function setClosed(db: Queryable, runId: string, closed: boolean): Promise<void> {
  await rowsOf(db, 'update pullwright.runs set steering_closed = $2 where id = $1', [runId, closed]);
}

/**
 * Moves messages from one run to the run that continues or restarts its work.
 * @param which the messages to move. Use `undelivered` if the new run continues the work. Use `all` if the
 * new run restarts the work, because the new run's agent knows none of the messages.
 * @param beforeMove called before each message moves, with the author and the delivery id of the message.
 * If a crash repeats the step, `beforeMove` is called again for each message that has not moved yet.
 */
export async function moveMessages(
  db: Queryable,
  fromRunId: string,
  toRunId: string,
  which: 'undelivered' | 'all',
  beforeMove: (author: string, deliveryId: string) => Promise<void>,
): Promise<void> {
  const messages = await rowsOf(
    db,
    `select id, author, delivery_id from pullwright.steering_messages
     where run_id = $1 and ($2 or delivered_in is null) order by id`,
    [fromRunId, which === 'all'],
  );
  for (const { id, author, delivery_id } of messages) {
    await beforeMove(author, delivery_id);
    await rowsOf(
      db,
      'update pullwright.steering_messages set run_id = $2, delivered_in = null where id = $1',
      [id, toRunId],
    );
  }
}
