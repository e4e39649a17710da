import { type Queryable, rowsOf } from './queryable.js';

/** A message that a person sent to a run while it works, as the person wrote it. */
export interface SteeringMessage {
  /** GitHub login. */
  author: string;
  text: string;
}

/**
 * Adds a message for the agent of a run, once per delivery.
 * @returns false when the run takes no more messages, because its agent has finished
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
 * The messages that the agent has not received yet, in the order they were sent. A repeated turn receives the
 * same messages again, and new ones.
 * @param closing the agent wants to finish: when there are no messages, the run takes no more from now on
 */
export async function takeMessages(
  db: Queryable,
  runId: string,
  turn: number,
  closing: boolean,
): Promise<(SteeringMessage & { id: string })[]> {
  // Close first: a message that was added before this is found below, and a later one is refused.
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
 * @param which `undelivered` for a run that continues, `all` for a run that restarts and knows nothing of the
 * other
 * @param beforeMove called with each message's author and delivery before the message moves, so that a
 * repeated move misses none
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
