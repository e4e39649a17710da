import type { Json } from '../answer.js';
import type { Delivery } from '../webhooks/deliveries.js';
import { type Call, notFound, type Operations } from './operation.js';

/** GitHub deletes a delivery after three days. */
const keptMs = 3 * 24 * 3_600_000;

/** REST operations that list, read and repeat webhook deliveries. */
export const hookDeliveryOperations: Operations = {
  'apps/list-webhook-deliveries': { by: 'app', handle: listDeliveries },
  'apps/get-webhook-delivery': {
    by: 'app',
    handle: (call) => {
      const delivery = findDelivery(call);
      const body = { ...renderDelivery(delivery), request: delivery.request, response: delivery.response };
      return { status: 200, body };
    },
  },
  'apps/redeliver-webhook-delivery': {
    by: 'app',
    handle: (call) => {
      const { id } = findDelivery(call);
      call.context.deliveries.redeliver(id).catch((error: unknown) => {
        call.context.violations.push(`the redelivery of ${id} failed: ${error}`);
      });
      return { status: 202, body: {} };
    },
  },
};

/** Lists deliveries, newest first. The cursor contains the id of the last delivery on the previous page. */
function listDeliveries(call: Call) {
  const { context, query } = call;
  const before = /^v1_(\d+)$/.exec(query.cursor ?? '')?.[1];
  const size = Math.min(100, Math.max(1, Number(query.per_page ?? 30) || 30));
  const matching = kept(call)
    .filter(({ statusCode }) => !query.status || (query.status === 'success') === statusCode < 400)
    .filter(({ id }) => before === undefined || id < Number(before))
    .sort((one, other) => other.id - one.id);
  const page = matching.slice(0, size);
  const last = page.at(-1);
  const next = new URLSearchParams({ ...query, cursor: `v1_${last?.id}` });
  const more = matching.length > page.length;
  return {
    status: 200,
    headers: (more ? { link: `<${context.api}/app/hook/deliveries?${next}>; rel="next"` } : {}) as Record<
      string,
      string
    >,
    body: page.map(renderDelivery),
  };
}

function kept({ context }: Call): Delivery[] {
  const oldest = context.clock().getTime() - keptMs;
  return context.deliveries.all.filter(({ deliveredAt }) => Date.parse(deliveredAt) >= oldest);
}

function findDelivery(call: Call): Delivery {
  const found = kept(call).find(({ id }) => id === Number(call.params.delivery_id));
  if (!found) throw notFound();
  return found;
}

function renderDelivery(delivery: Delivery): Json {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: delivery.deliveredAt,
    redelivery: delivery.redelivery,
    duration: delivery.duration,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  };
}
