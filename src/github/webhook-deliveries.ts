import type { GitHub } from './github.js';
import { readPages } from './read-pages.js';

/** One attempt of GitHub's to make a delivery. */
export interface DeliveryAttempt {
  /** The id of this attempt. */
  id: number;
  /** `X-GitHub-Delivery`, the same in every attempt. */
  guid: string;
  event: string;
  action: string | null;
  statusCode: number;
  at: Date;
}

/** The attempts since a time that GitHub lists as failed, the newest first, at most 5,000. */
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

/** Asks GitHub to make a delivery again. @throws RunEndedError when GitHub no longer has it */
export async function requestRedelivery(github: GitHub, attempt: number): Promise<void> {
  await github.callAsApp('redeliver a webhook', (octokit) =>
    octokit.rest.apps.redeliverWebhookDelivery({ delivery_id: attempt }),
  );
}
