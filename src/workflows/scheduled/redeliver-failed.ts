import {
  listDueRedeliveries,
  recordFailedDeliveries,
  recordRedeliveryRequest,
} from '../../database/failed-deliveries.js';
import { readWatermarks, setWatermark } from '../../database/watermarks.js';
import { listFailedAttempts, requestRedelivery } from '../../github/webhook-deliveries.js';
import { RunEndedError } from '../../runs/outcome.js';
import { isFailedTrigger } from '../../webhooks/is-failed-trigger.js';
import type { Dependencies } from '../dependencies.js';
import { laterOf, lookBackMs, overlapMs } from './look-back.js';

const watermark = 'failed deliveries';
const maxRedeliveries = 50;

/**
 * Asks GitHub to redeliver failed deliveries, because GitHub never retries a delivery on its own.
 * @param everyMs the interval between two calls of this function, in milliseconds. The second request for the
 * same delivery comes at least this long after the first one. The delay doubles with each further request.
 */
export async function redeliverFailed(
  d: Pick<Dependencies, 'db' | 'github' | 'log' | 'now'>,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { db, github, log } = d;
  const begun = d.now();
  const earliest = new Date(begun.getTime() - lookBackMs);
  const mark = (await readWatermarks(db, [watermark])).get(watermark);
  const since = laterOf(earliest, mark && new Date(mark.getTime() - overlapMs));
  const failed = (await listFailedAttempts(github, since)).filter(isFailedTrigger);
  await recordFailedDeliveries(
    db,
    failed.map(({ guid, id, at }) => ({ guid, id, failedAt: at })),
  );
  await setWatermark(db, watermark, begun);
  for (const { guid, attempt } of await listDueRedeliveries(db, maxRedeliveries)) {
    if (signal.aborted) return;
    try {
      await requestRedelivery(github, attempt);
      log.info({ delivery: guid }, 'asked GitHub to redeliver a failed delivery');
    } catch (error) {
      // GitHub no longer has the delivery. Record the request anyway, so that this attempt is not requested
      // again.
      if (!(error instanceof RunEndedError)) throw error;
      log.warn({ delivery: guid, reason: error.message }, 'GitHub cannot redeliver a failed delivery');
    }
    await recordRedeliveryRequest(db, guid, attempt, everyMs);
  }
}
