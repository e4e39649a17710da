import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useShop } from '../support/harness.js';

const shop = await useShop();

/** @param {{ productId: number, quantity: number }[]} items */
function placeOrder(...items) {
  return shop.request('POST', '/orders', { customerEmail: 'ada@example.com', items });
}

test('POST /orders places an order and takes its items out of the stock', async () => {
  const mug = await shop.addProduct({ sku: 'MUG-01', priceCents: 1250, stock: 10 });
  const tea = await shop.addProduct({ sku: 'TEA-250', priceCents: 899, stock: 5 });

  const { status, body } = await placeOrder(
    { productId: tea.id, quantity: 1 },
    { productId: mug.id, quantity: 2 },
  );

  assert.equal(status, 201);
  assert.equal(body.status, 'placed');
  assert.equal(body.totalCents, 3399);
  assert.equal(body.createdAt, '2026-03-01T12:00:00.000Z');
  assert.deepEqual(body.items, [
    { productId: mug.id, quantity: 2, unitPriceCents: 1250 },
    { productId: tea.id, quantity: 1, unitPriceCents: 899 },
  ]);
  assert.deepEqual(await shop.request('GET', `/orders/${body.id}`), { status: 200, body });
  assert.equal(await shop.stockOf(mug.id), 8);
  assert.equal(await shop.stockOf(tea.id), 4);
});

test('an order that the stock does not cover changes nothing', async () => {
  const mug = await shop.addProduct({ sku: 'MUG-01', stock: 10 });
  const tea = await shop.addProduct({ sku: 'TEA-250', stock: 1 });

  const { status, body } = await placeOrder(
    { productId: mug.id, quantity: 1 },
    { productId: tea.id, quantity: 2 },
  );

  assert.equal(status, 409);
  assert.equal(body.error.code, 'insufficient_stock');
  assert.deepEqual(body.error.details, [{ productId: tea.id, requested: 2, available: 1 }]);
  assert.equal(await shop.stockOf(mug.id), 10);
  assert.equal(await shop.stockOf(tea.id), 1);
});

test('simultaneous orders never sell more than the stock', async () => {
  const mug = await shop.addProduct({ stock: 3 });

  const responses = await Promise.all(
    Array.from({ length: 8 }, () => placeOrder({ productId: mug.id, quantity: 1 })),
  );

  const statuses = responses.map((response) => response.status).sort();
  assert.deepEqual(statuses, [201, 201, 201, 409, 409, 409, 409, 409]);
  assert.equal(await shop.stockOf(mug.id), 0);
});

test('an order with an unknown product is rejected', async () => {
  const { status, body } = await placeOrder({ productId: 99, quantity: 1 });

  assert.equal(status, 422);
  assert.equal(body.error.code, 'product_not_found');
});

test('POST /orders rejects an invalid body', async () => {
  const item = { productId: 1, quantity: 1 };
  const invalid = {
    customerEmail: { customerEmail: 'ada', items: [item] },
    items: { customerEmail: 'ada@example.com', items: [item, item] },
    'items.0.quantity': { customerEmail: 'ada@example.com', items: [{ productId: 1, quantity: 0 }] },
    'items.0.productId': { customerEmail: 'ada@example.com', items: [{ productId: 2 ** 40, quantity: 1 }] },
  };

  for (const [path, order] of Object.entries(invalid)) {
    const { status, body } = await shop.request('POST', '/orders', order);
    assert.equal(status, 400);
    assert.equal(body.error.code, 'validation_failed');
    assert.deepEqual(
      body.error.details.map((detail) => detail.path),
      [path],
    );
  }
});

test('a later price change does not change an order', async () => {
  const mug = await shop.addProduct({ priceCents: 1250 });
  const order = await placeOrder({ productId: mug.id, quantity: 1 });

  await shop.request('PATCH', `/products/${mug.id}`, { priceCents: 9900 });

  const { body } = await shop.request('GET', `/orders/${order.body.id}`);
  assert.equal(body.totalCents, 1250);
  assert.equal(body.items[0].unitPriceCents, 1250);
});

test('canceling an order returns its stock only once', async () => {
  const mug = await shop.addProduct({ stock: 10 });
  const order = await placeOrder({ productId: mug.id, quantity: 4 });
  shop.time = new Date('2026-03-02T08:30:00Z');

  const canceled = await shop.request('POST', `/orders/${order.body.id}/cancel`);
  const again = await shop.request('POST', `/orders/${order.body.id}/cancel`);

  assert.equal(canceled.status, 200);
  assert.equal(canceled.body.status, 'canceled');
  assert.equal(canceled.body.canceledAt, '2026-03-02T08:30:00.000Z');
  assert.equal(again.status, 409);
  assert.equal(again.body.error.code, 'order_already_canceled');
  assert.equal(await shop.stockOf(mug.id), 10);
});

test('an unknown order is answered with 404', async () => {
  for (const [method, path] of [
    ['GET', '/orders/5'],
    ['POST', '/orders/5/cancel'],
  ]) {
    const { status, body } = await shop.request(method, path);
    assert.equal(status, 404);
    assert.equal(body.error.code, 'order_not_found');
  }
});
