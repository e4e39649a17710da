import { findHold, openHold } from '../../../database/model/account-hold.js';
import { AccountRefused } from '../../../model/account-refused.js';
import type { Model } from '../../../model/models.js';
import type { Dependencies } from '../../dependencies.js';

/** People on GitHub cannot fix the account, so they read this. The log tells the operator the rest. */
const operatorTold = 'the operator of this server has been told, and the run continues after they fix it';

/** @throws AccountRefused while the API refuses the operator's account */
export async function confirmNoHold({ db }: Pick<Dependencies, 'db'>): Promise<void> {
  const hold = await findHold(db);
  if (hold) throw new AccountRefused(hold.reason);
}

/**
 * Makes all runs wait, and tells the operator once.
 * @returns the error to throw
 */
export async function holdAllRuns(
  { db, log }: Pick<Dependencies, 'db' | 'log'>,
  { reason, apiMessage }: AccountRefused,
  model: Model,
): Promise<AccountRefused> {
  const hold = { model: model.id, reason: `${reason}; ${operatorTold}` };
  if (await openHold(db, hold))
    log.error(
      { model: model.id, reason, apiMessage },
      "all runs wait, because the model's API refuses this server's account",
    );
  // The engine stores the error. The API's own words could quote a credential, so they are left out.
  return new AccountRefused(hold.reason);
}
