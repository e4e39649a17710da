import type { GitHub } from './github.js';
import { readPages } from './read-pages.js';

/** One attempt by GitHub to deliver a webhook. */
export interface DeliveryAttempt {
  /** Id of this attempt. */
  id: number;
  /** Value of the `X-GitHub-Delivery` header, which is the same in all attempts of a delivery. */
  guid: string;
  event: string;
  action: string | null;
  statusCode: number;
  at: Date;
}

/** Lists the delivery attempts that failed at or after `since`, newest first. Returns at most 5,000. */
export async function listFailedAttempts(github: GitHub, since: Date): Promise<DeliveryAttempt[]> {
  const failed = await github.callAsApp("list the App's failed deliveries", (octokit) => {
    const pages = octokit.paginate.iterator(octokit.rest.apps.listWebhookDeliveries, {
      status: 'failure',
      per_page: 100,
    });
    return readPages(pages, 50, ({ delivered_at }) => new Date(delivered_at) >= since);
  });
  return failed.map(({ id, guid, event, action, status_code, delivered_at }) => ({
    id,
    guid,
    event,
    action,
    statusCode: status_code,
    at: new Date(delivered_at),
  }));
}

/**
 * Asks GitHub to deliver a webhook again.
 * @throws RunEndedError if GitHub no longer has the delivery
 */
export async function requestRedelivery(github: GitHub, attempt: number): Promise<void> {
  await github.callAsApp('redeliver a failed webhook', (octokit) =>
    octokit.rest.apps.redeliverWebhookDelivery({ delivery_id: attempt }),
  );
}
