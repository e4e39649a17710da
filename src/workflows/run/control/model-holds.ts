import { findHold, openHold } from '../../../database/model/holds.js';
import { AccountRefused } from '../../../model/account-refused.js';
import type { Model } from '../../../model/models.js';
import type { Dependencies } from '../../dependencies.js';

type HoldDependencies = Pick<Dependencies, 'db' | 'log'>;

/** What people read on an issue. The log tells the operator the rest. */
const operatorTold = 'the operator of this server has been told, and the run continues after they fix it';

/**
 * Checks that the operator's account can be used.
 * @throws AccountRefused if requests for this model are on hold
 */
export async function confirmNoHold({ db }: Pick<HoldDependencies, 'db'>, model: Model): Promise<void> {
  const hold = await findHold(db, model.id);
  if (hold) throw new AccountRefused(hold.reason, hold.scope ? 'model' : 'account', '');
}

/** Puts all requests that the API would refuse in the same way on hold. Tells the operator once. */
export async function holdRequests(
  { db, log }: HoldDependencies,
  { scope, reason, apiMessage }: AccountRefused,
  model: Model,
): Promise<AccountRefused> {
  const hold = {
    scope: scope === 'account' ? '' : model.id,
    model: model.id,
    reason: `${reason}; ${operatorTold}`,
  };
  if (await openHold(db, hold))
    log.error(
      { model: model.id, reason, apiMessage },
      scope === 'account'
        ? "all runs wait, because the model's API refuses this server's account"
        : "runs of a model wait, because the model's API refuses them",
    );
  return new AccountRefused(hold.reason, scope, apiMessage);
}
