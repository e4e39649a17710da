import { type Queryable, rowsOf } from './queryable.js';

/** A failed attempt by GitHub to deliver a webhook. */
export interface FailedAttempt {
  /** The `X-GitHub-Delivery` id. It is the same in every attempt of a delivery. */
  guid: string;
  /** GitHub's id of this attempt. */
  id: number;
  failedAt: Date;
}

/** Maximum number of times that we ask GitHub to redeliver one delivery. */
const maxRequests = 8;

/** Records failed attempts. Only the newest attempt of each delivery is kept. */
export async function recordFailedDeliveries(
  db: Queryable,
  attempts: readonly FailedAttempt[],
): Promise<void> {
  for (const { guid, id, failedAt } of attempts)
    await rowsOf(
      db,
      `insert into pullwright.failed_deliveries as f (guid, attempt, failed_at) values ($1, $2, $3)
       on conflict (guid) do update set attempt = excluded.attempt, failed_at = excluded.failed_at
       where excluded.attempt > f.attempt`,
      [guid, id, failedAt],
    );
}

/**
 * Lists the deliveries that we should request again now, oldest failure first. A delivery is due if all of
 * this is true: (1) It has not arrived. (2) Its waiting time is over. (3) We have not yet asked GitHub to
 * repeat its newest attempt. (4) We have requested it fewer than `maxRequests` times.
 */
export async function listDueRedeliveries(
  db: Queryable,
  limit: number,
): Promise<{ guid: string; attempt: number }[]> {
  const found = await rowsOf(
    db,
    `select guid, attempt from pullwright.failed_deliveries f
     where next_at <= now() and asked < $1 and asked_for is distinct from attempt
       and not exists (select from pullwright.deliveries d where d.id = f.guid)
     order by failed_at limit $2`,
    [maxRequests, limit],
  );
  return found.map(({ guid, attempt }) => ({ guid, attempt: Number(attempt) }));
}

/**
 * Records that we asked GitHub to redeliver an attempt.
 * @param waitMs the minimum time between the first and the second request; it doubles with every further
 * request
 */
export async function recordRedeliveryRequest(
  db: Queryable,
  guid: string,
  attempt: number,
  waitMs: number,
): Promise<void> {
  await rowsOf(
    db,
    `update pullwright.failed_deliveries set asked = asked + 1, asked_for = $2,
       next_at = now() + make_interval(secs => $3 * power(2, asked)) where guid = $1`,
    [guid, attempt, waitMs / 1000],
  );
}
