import { closeHold, findHold, listRunsWaitingFor } from '../../database/model/account-hold.js';
import { AccountRefused } from '../../model/account-refused.js';
import type { Dependencies } from '../dependencies.js';

/**
 * Finds out whether the model's API accepts the operator's account again. If it does, wakes the runs that
 * wait for it. Without a hold, sends nothing.
 */
export async function probeAccount(
  d: Pick<Dependencies, 'db' | 'model' | 'findModel' | 'queue' | 'log'>,
  signal: AbortSignal,
): Promise<void> {
  const hold = await findHold(d.db);
  if (!hold) return;
  try {
    await d.model.probe(d.findModel(hold.model), signal);
  } catch (err) {
    if (signal.aborted) return;
    if (err instanceof AccountRefused) {
      d.log.debug({ model: hold.model, reason: err.reason }, "the model's API still refuses the account");
      return;
    }
    // Every other fault has its own handling in the runs.
    d.log.warn({ model: hold.model, err }, "the probe of the model's API failed in another way");
  }
  const waiting = await listRunsWaitingFor(d.db, hold.reason);
  await closeHold(d.db);
  d.log.info({ model: hold.model }, "the model's API no longer refuses the account, so all runs continue");
  // A run that is not woken continues a few minutes later.
  for (const runId of waiting) await d.queue.wake(runId);
}
