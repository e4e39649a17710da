import type { Pool } from 'pg';
import { rowsOf } from './rows-of.js';

/** What somebody said to a run that is going on, as they wrote it. */
interface Words {
  author: string;
  text: string;
}

/** What people say to a run in the middle of its work. Every write may be repeated. */
export type SteeringStore = ReturnType<typeof openSteeringStore>;

/** @param database a pool, or a connection with a transaction */
export function openSteeringStore(database: Pick<Pool, 'query'>) {
  const rows = rowsOf(database);
  const setClosed = (runId: string, closed: boolean) =>
    rows('update pullwright.runs set steering_closed = $2 where id = $1', [runId, closed]);

  return {
    /** @returns false when the run takes no more: its agent has ended its work */
    async add(runId: string, deliveryId: string, { author, text }: Words): Promise<boolean> {
      const added = await rows(
        `with run as (
           select id from pullwright.runs where id = $1 and status <> 'settled' and not steering_closed for update)
         insert into pullwright.steering_messages (run_id, delivery_id, author, text) select id, $2, $3, $4 from run
         on conflict do nothing returning id`,
        [runId, deliveryId, author, text],
      );
      if (added.length > 0) return true;
      const known = await rows('select from pullwright.steering_messages where delivery_id = $1', [
        deliveryId,
      ]);
      return known.length > 0;
    },

    /**
     * What the agent has not heard yet; the same again when the turn is done again.
     * @param closing the agent wants to end: from here on nothing more is taken, unless there is something
     */
    async take(runId: string, turn: number, closing: boolean): Promise<(Words & { id: string })[]> {
      // In this order: what is added before is seen here, and what comes behind is refused.
      if (closing) await setClosed(runId, true);
      const heard = await rows(
        `update pullwright.steering_messages set delivered_in = $2 where run_id = $1 and (delivered_in is null or delivered_in = $2)
         returning id, author, text`,
        [runId, turn],
      );
      if (closing && heard.length > 0) await setClosed(runId, false);
      return heard
        .sort((one, other) => Number(one.id) - Number(other.id))
        .map(({ id, author, text }) => ({ id: String(id), author, text }));
    },

    /**
     * Hands what was said to a run to the one that goes on for it.
     * @param which `all` where that one begins anew, without what the other has heard
     * @param told by whom, and in which delivery; before they are moved, so that a move that is repeated loses none
     */
    async move(
      from: string,
      to: string,
      which: 'unheard' | 'all',
      told: (author: string, deliveryId: string) => Promise<void>,
    ): Promise<void> {
      const moved = await rows(
        `select id, author, delivery_id from pullwright.steering_messages
         where run_id = $1 and ($2 or delivered_in is null) order by id`,
        [from, which === 'all'],
      );
      for (const { id, author, delivery_id } of moved) {
        await told(author, delivery_id);
        await rows('update pullwright.steering_messages set run_id = $2, delivered_in = null where id = $1', [
          id,
          to,
        ]);
      }
    },
  };
}
