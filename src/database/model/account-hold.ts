import { type Queryable, rowsOf } from '../queryable.js';

/** All runs wait, because the model's API refuses the operator's account. */
export interface AccountHold {
  /** Id of the model to probe. */
  model: string;
  /** A clause that tells people why runs wait. */
  reason: string;
}

/** @returns false if there already is a hold */
export async function openHold(db: Queryable, { model, reason }: AccountHold): Promise<boolean> {
  const rows = await rowsOf(
    db,
    'insert into pullwright.account_hold (model, reason) values ($1, $2) on conflict do nothing returning id',
    [model, reason],
  );
  return rows.length > 0;
}

export async function findHold(db: Queryable): Promise<AccountHold | null> {
  const [hold] = await rowsOf<AccountHold>(db, 'select model, reason from pullwright.account_hold');
  return hold ?? null;
}

export async function closeHold(db: Queryable): Promise<void> {
  await rowsOf(db, 'delete from pullwright.account_hold');
}

/** Lists the live runs whose newest event is a wait for this reason. */
export async function listRunsWaitingFor(db: Queryable, reason: string): Promise<string[]> {
  const rows = await rowsOf<{ id: string }>(
    db,
    `select runs.id from pullwright.runs, lateral (
       select event from pullwright.run_events where run_id = runs.id order by id desc limit 1
     ) as newest
     where status <> 'settled' and event ->> 'type' = 'waiting' and event ->> 'reason' = $1`,
    [reason],
  );
  return rows.map(({ id }) => id);
}
