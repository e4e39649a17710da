import { Hono } from 'hono';
import { z } from 'zod';
import { ApiError } from '../errors.js';
import { id, idText, validate, validateBody } from '../validate.js';

const newOrder = z.strictObject({
  customerEmail: z.email().max(254),
  items: z
    .array(z.strictObject({ productId: id, quantity: z.int().min(1).max(100) }))
    .min(1)
    .max(50)
    .refine(
      (items) => new Set(items.map((item) => item.productId)).size === items.length,
      'List each product only once',
    ),
});

const orderParams = z.object({ id: idText });

/**
 * @param {Record<string, any>} order
 * @param {Record<string, any>[]} items
 */
function toOrder(order, items) {
  return {
    id: order.id,
    customerEmail: order.customer_email,
    status: order.status,
    items: items.map((item) => ({
      productId: item.product_id,
      quantity: item.quantity,
      unitPriceCents: item.unit_price_cents,
    })),
    totalCents: order.total_cents,
    createdAt: order.created_at,
    canceledAt: order.canceled_at,
  };
}

/**
 * @param {import('../db.js').Database | import('../db.js').Transaction} db
 * @param {number} orderId
 */
async function loadOrder(db, orderId) {
  const orders = await db.query('select * from orders where id = $1', [orderId]);
  if (orders.rows.length === 0) throw new ApiError(404, 'order_not_found', `There is no order ${orderId}`);
  const items = await db.query('select * from order_items where order_id = $1 order by product_id', [
    orderId,
  ]);
  return toOrder(orders.rows[0], items.rows);
}

/**
 * Takes the items out of the stock. Products are updated in the order of their ids, so that two orders for
 * the same products wait for each other and do not deadlock.
 *
 * @param {import('../db.js').Transaction} tx
 * @param {{ productId: number, quantity: number }[]} items
 */
async function takeStock(tx, items) {
  const taken = [];
  for (const { productId, quantity } of items.toSorted((a, b) => a.productId - b.productId)) {
    const { rows } = await tx.query(
      'update products set stock = stock - $2 where id = $1 and stock >= $2 returning price_cents',
      [productId, quantity],
    );
    if (rows.length === 0) throw await explainMissingStock(tx, productId, quantity);
    taken.push({ productId, quantity, unitPriceCents: rows[0].price_cents });
  }
  return taken;
}

/**
 * @param {import('../db.js').Transaction} tx
 * @param {number} productId
 * @param {number} requested
 */
async function explainMissingStock(tx, productId, requested) {
  const { rows } = await tx.query('select stock from products where id = $1', [productId]);
  if (rows.length === 0) {
    return new ApiError(422, 'product_not_found', `There is no product ${productId}`, [{ productId }]);
  }
  const available = rows[0].stock;
  return new ApiError(409, 'insufficient_stock', `Only ${available} of product ${productId} in stock`, [
    { productId, requested, available },
  ]);
}

/** @param {{ db: import('../db.js').Database, now: () => Date }} dependencies */
export function orderRoutes({ db, now }) {
  const routes = new Hono();

  routes.post('/', async (c) => {
    const { customerEmail, items } = await validateBody(c, newOrder);
    const order = await db.transaction(async (tx) => {
      const taken = await takeStock(tx, items);
      const totalCents = taken.reduce((sum, item) => sum + item.quantity * item.unitPriceCents, 0);
      const { rows } = await tx.query(
        'insert into orders (customer_email, total_cents, created_at) values ($1, $2, $3) returning id',
        [customerEmail, totalCents, now()],
      );
      for (const item of taken) {
        await tx.query(
          `insert into order_items (order_id, product_id, quantity, unit_price_cents)
           values ($1, $2, $3, $4)`,
          [rows[0].id, item.productId, item.quantity, item.unitPriceCents],
        );
      }
      return loadOrder(tx, rows[0].id);
    });
    return c.json(order, 201);
  });

  routes.get('/:id', async (c) => {
    const params = validate(orderParams, c.req.param());
    return c.json(await loadOrder(db, params.id));
  });

  routes.post('/:id/cancel', async (c) => {
    const params = validate(orderParams, c.req.param());
    const order = await db.transaction(async (tx) => {
      const { rows } = await tx.query(
        `update orders set status = 'canceled', canceled_at = $2
          where id = $1 and status = 'placed'
          returning id`,
        [params.id, now()],
      );
      const current = await loadOrder(tx, params.id);
      if (rows.length === 0) {
        throw new ApiError(409, 'order_already_canceled', `Order ${params.id} is already canceled`);
      }
      for (const item of current.items) {
        await tx.query('update products set stock = stock + $2 where id = $1', [
          item.productId,
          item.quantity,
        ]);
      }
      return current;
    });
    return c.json(order);
  });

  return routes;
}
