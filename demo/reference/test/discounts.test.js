import assert from 'node:assert/strict';
import { test } from 'node:test';
import { migrate } from '../src/db.js';
import { useShop } from '../support/harness.js';

const shop = await useShop();

/** @param {Record<string, unknown>} [discount] */
function postDiscount(discount = {}) {
  return shop.request('POST', '/discounts', { code: 'SPRING-10', kind: 'percent', value: 10, ...discount });
}

/** @param {Record<string, unknown>} [discount] */
async function addDiscount(discount) {
  const { status, body } = await postDiscount(discount);
  assert.equal(status, 201);
  return body;
}

/**
 * @param {number} productId
 * @param {string} [discountCode]
 * @param {number} [quantity]
 */
function placeOrder(productId, discountCode, quantity = 1) {
  return shop.request('POST', '/orders', {
    customerEmail: 'ada@example.com',
    items: [{ productId, quantity }],
    discountCode,
  });
}

/** @param {string} code */
async function redemptionsOf(code) {
  const { body } = await shop.request('GET', `/discounts/${code}`);
  return body.redemptions;
}

/**
 * @param {{ status: number, body: any }} response
 * @param {number} status
 * @param {string} code
 */
function assertProblem(response, status, code) {
  assert.deepEqual([response.status, response.body.error?.code], [status, code]);
}

test('POST /discounts adds a code, kept in upper case', async () => {
  const { status, body } = await postDiscount({ code: ' spring-10 ' });

  assert.equal(status, 201);
  assert.deepEqual(body, {
    id: 1,
    code: 'SPRING-10',
    kind: 'percent',
    value: 10,
    expiresAt: null,
    maxRedemptions: null,
    redemptions: 0,
    createdAt: '2026-03-01T12:00:00.000Z',
  });
});

test('POST /discounts refuses a body that is not valid', async () => {
  const invalid = [
    ['code', { code: 'AB' }],
    ['code', { code: 'A'.repeat(33) }],
    ['code', { code: 'TEN OFF' }],
    ['code', { code: 'SPAß' }],
    ['kind', { kind: 'gift' }],
    ['value', { value: 0 }],
    ['value', { value: 101 }],
    ['value', { value: 12.5 }],
    ['value', { kind: 'amount', value: 10_000_001 }],
    ['expiresAt', { expiresAt: '2026-04-01' }],
    ['expiresAt', { expiresAt: '2026-03-01T12:00:00Z' }],
    ['maxRedemptions', { maxRedemptions: 0 }],
    ['maxRedemptions', { maxRedemptions: 1_000_001 }],
    ['', { note: 'not a field' }],
  ];

  for (const [path, discount] of invalid) {
    const response = await postDiscount(discount);
    assertProblem(response, 400, 'validation_failed');
    assert.deepEqual(
      response.body.error.details.map((detail) => detail.path),
      [path],
      JSON.stringify(discount),
    );
  }
});

test('a discount code can be added only once, in whatever case', async () => {
  await addDiscount({ code: 'SPRING-10' });

  assertProblem(await postDiscount({ code: 'Spring-10' }), 409, 'discount_code_taken');
});

test('GET /discounts/:code finds a code in any case', async () => {
  const discount = await addDiscount({ expiresAt: '2026-04-01T00:00:00+02:00', maxRedemptions: 5 });

  assert.equal(discount.expiresAt, '2026-03-31T22:00:00.000Z');
  assert.deepEqual(await shop.request('GET', '/discounts/spring-10'), { status: 200, body: discount });
  assertProblem(await shop.request('GET', '/discounts/AUTUMN'), 404, 'discount_not_found');
  assertProblem(await shop.request('GET', '/discounts/no'), 400, 'validation_failed');
});

test('an order with a code pays less, and counts as a redemption', async () => {
  const mug = await shop.addProduct({ priceCents: 1250 });
  await addDiscount({ code: 'SPRING-10', value: 10 });

  const { status, body } = await placeOrder(mug.id, ' spring-10 ', 4);

  assert.equal(status, 201);
  assert.equal(body.subtotalCents, 5000);
  assert.equal(body.discountCode, 'SPRING-10');
  assert.equal(body.discountCents, 500);
  assert.equal(body.totalCents, 4500);
  assert.deepEqual(await shop.request('GET', `/orders/${body.id}`), { status: 200, body });
  assert.equal(await redemptionsOf('SPRING-10'), 1);
});

test('an order without a code pays the subtotal', async () => {
  const mug = await shop.addProduct({ priceCents: 1250 });

  const { body } = await placeOrder(mug.id);

  assert.equal(body.subtotalCents, 1250);
  assert.equal(body.discountCode, null);
  assert.equal(body.discountCents, 0);
  assert.equal(body.totalCents, 1250);
});

test('a percentage is rounded down to whole cents', async () => {
  const tea = await shop.addProduct({ priceCents: 1999 });
  await addDiscount({ code: 'TEA-15', value: 15 });

  const { body } = await placeOrder(tea.id, 'TEA-15');

  assert.equal(body.discountCents, 299);
  assert.equal(body.totalCents, 1700);
});

test('an amount never takes off more than the subtotal', async () => {
  const mug = await shop.addProduct({ priceCents: 400 });
  await addDiscount({ code: 'FIVE-OFF', kind: 'amount', value: 500 });

  const small = await placeOrder(mug.id, 'FIVE-OFF', 1);
  const large = await placeOrder(mug.id, 'FIVE-OFF', 2);

  assert.deepEqual([small.body.discountCents, small.body.totalCents], [400, 0]);
  assert.deepEqual([large.body.discountCents, large.body.totalCents], [500, 300]);
});

test('an order with an unknown or impossible code is refused', async () => {
  const mug = await shop.addProduct({ stock: 10 });

  assertProblem(await placeOrder(mug.id, 'AUTUMN'), 422, 'discount_not_found');
  assertProblem(await placeOrder(mug.id, ''), 400, 'validation_failed');
  assert.equal(await shop.stockOf(mug.id), 10);
});

test('a code ends at the moment it expires', async () => {
  const mug = await shop.addProduct({ stock: 10 });
  await addDiscount({ code: 'MARCH', expiresAt: '2026-04-01T00:00:00Z' });

  shop.time = new Date('2026-03-31T23:59:59.999Z');
  assert.equal((await placeOrder(mug.id, 'MARCH')).status, 201);
  shop.time = new Date('2026-04-01T00:00:00Z');
  assertProblem(await placeOrder(mug.id, 'MARCH'), 422, 'discount_expired');
  assert.equal(await shop.stockOf(mug.id), 9);
  assert.equal(await redemptionsOf('MARCH'), 1);
});

test('orders placed at the same time never redeem a code too often', async () => {
  const mug = await shop.addProduct({ stock: 10 });
  await addDiscount({ code: 'FIRST-3', maxRedemptions: 3 });

  const responses = await Promise.all(Array.from({ length: 8 }, () => placeOrder(mug.id, 'FIRST-3')));

  const refused = responses.filter((response) => response.status !== 201);
  assert.equal(refused.length, 5);
  for (const response of refused) assertProblem(response, 409, 'discount_exhausted');
  assert.equal(await redemptionsOf('FIRST-3'), 3);
  assert.equal(await shop.stockOf(mug.id), 7);
});

test('an order that the stock does not cover uses up no redemption', async () => {
  const mug = await shop.addProduct({ stock: 1 });
  await addDiscount({ code: 'ONCE', maxRedemptions: 1 });

  assertProblem(await placeOrder(mug.id, 'ONCE', 2), 409, 'insufficient_stock');

  assert.equal(await redemptionsOf('ONCE'), 0);
  assert.equal((await placeOrder(mug.id, 'ONCE')).status, 201);
});

test('cancelling an order gives its redemption back, once', async () => {
  const mug = await shop.addProduct({ stock: 10 });
  await addDiscount({ code: 'ONCE', maxRedemptions: 1 });
  const order = await placeOrder(mug.id, 'ONCE');

  const cancelled = await shop.request('POST', `/orders/${order.body.id}/cancel`);
  await shop.request('POST', `/orders/${order.body.id}/cancel`);

  assert.equal(cancelled.body.discountCode, 'ONCE');
  assert.equal(await redemptionsOf('ONCE'), 0);
  assert.equal((await placeOrder(mug.id, 'ONCE')).status, 201);
});

test('the migration keeps the totals of orders that are already there', async () => {
  await shop.db.exec('drop schema public cascade; create schema public');
  await migrate(shop.db, { to: '0002_orders' });
  await shop.db.exec(`
    insert into orders (customer_email, total_cents, created_at)
    values ('ada@example.com', 3399, '2026-02-01T09:00:00Z')`);

  await migrate(shop.db);

  const { body } = await shop.request('GET', '/orders/1');
  assert.equal(body.subtotalCents, 3399);
  assert.equal(body.discountCode, null);
  assert.equal(body.discountCents, 0);
  assert.equal(body.totalCents, 3399);
});
