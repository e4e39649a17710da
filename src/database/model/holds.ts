import { type Queryable, rowsOf } from '../queryable.js';

/** A reason for which the model's API refuses requests until the operator does something. */
export interface ModelHold {
  /** '' if all requests are refused; a model's id if only requests for this model are. */
  scope: string;
  /** Id of the model to probe. */
  model: string;
  /** A clause that tells people why runs wait. */
  reason: string;
}

/** @returns false if there already is a hold with this scope */
export async function openHold(db: Queryable, { scope, model, reason }: ModelHold): Promise<boolean> {
  const rows = await rowsOf(
    db,
    `insert into pullwright.model_holds (scope, model, reason) values ($1, $2, $3)
     on conflict (scope) do nothing returning scope`,
    [scope, model, reason],
  );
  return rows.length > 0;
}

/**
 * Finds what keeps requests from being sent.
 * @param model id of the requested model; null searches only for holds of all requests
 */
export async function findHold(db: Queryable, model: string | null): Promise<ModelHold | null> {
  const [hold] = await rowsOf<ModelHold>(
    db,
    "select scope, model, reason from pullwright.model_holds where scope in ('', $1) order by scope limit 1",
    [model ?? ''],
  );
  return hold ?? null;
}

export function listHolds(db: Queryable): Promise<ModelHold[]> {
  return rowsOf<ModelHold>(db, 'select scope, model, reason from pullwright.model_holds order by scope');
}

export async function closeHold(db: Queryable, scope: string): Promise<void> {
  await rowsOf(db, 'delete from pullwright.model_holds where scope = $1', [scope]);
}
