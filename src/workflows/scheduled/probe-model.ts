import { closeHold, listHolds } from '../../database/model/holds.js';
import { listLiveRunIds } from '../../database/runs.js';
import { isRetryLater } from '../../runs/retry-later.js';
import type { Dependencies } from '../dependencies.js';

/**
 * Finds out whether the model's API accepts requests again. If it does, ends the hold and wakes the runs that
 * wait for it. Without a hold, sends nothing.
 */
export async function probeModel(
  d: Pick<Dependencies, 'db' | 'model' | 'findModel' | 'queue' | 'log'>,
): Promise<void> {
  let isReleased = false;
  for (const { scope, model } of await listHolds(d.db)) {
    try {
      await d.model.probe(d.findModel(model));
    } catch (err) {
      if (isRetryLater(err)) {
        d.log.debug({ model, reason: err.reason }, "the model's API still refuses requests");
        continue;
      }
      // The API looked at the request itself, so it accepts the account. The runs find out what is wrong.
      d.log.warn({ model, err }, "the probe of the model's API failed");
    }
    await closeHold(d.db, scope);
    isReleased = true;
    d.log.info({ model }, "the model's API accepts requests again, so the waiting runs continue");
  }
  if (!isReleased) return;
  for (const runId of await listLiveRunIds(d.db)) await d.queue.wake(runId);
}
