import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useShop } from '../support/harness.js';

const shop = await useShop();

test('GET /health answers ok', async () => {
  const { status, body } = await shop.request('GET', '/health');

  assert.equal(status, 200);
  assert.deepEqual(body, { status: 'ok' });
});

test('an unknown path is answered with an error', async () => {
  const { status, body } = await shop.request('GET', '/nowhere');

  assert.equal(status, 404);
  assert.deepEqual(body, { error: { code: 'not_found', message: 'There is no GET /nowhere', details: [] } });
});

test('POST /products adds a product that GET /products/:id returns', async () => {
  const created = await shop.request('POST', '/products', {
    sku: 'TEA-250',
    name: ' Green tea ',
    priceCents: 899,
    stock: 3,
  });

  assert.equal(created.status, 201);
  const { createdAt, ...product } = created.body;
  assert.deepEqual(product, { id: 1, sku: 'TEA-250', name: 'Green tea', priceCents: 899, stock: 3 });
  assert.ok(!Number.isNaN(Date.parse(createdAt)));
  assert.deepEqual(await shop.request('GET', '/products/1'), { status: 200, body: created.body });
});

test('POST /products names every invalid field', async () => {
  const { status, body } = await shop.request('POST', '/products', { sku: 'no', name: '', priceCents: 9.5 });

  assert.equal(status, 400);
  assert.equal(body.error.code, 'validation_failed');
  assert.deepEqual(
    body.error.details.map((detail) => detail.path),
    ['sku', 'name', 'priceCents'],
  );
});

test('a body that is not JSON is rejected', async () => {
  const { status, body } = await shop.request('POST', '/products', '{"sku":');

  assert.equal(status, 400);
  assert.equal(body.error.code, 'invalid_json');
});

test('a SKU can be used only once', async () => {
  await shop.addProduct({ sku: 'MUG-01' });

  const { status, body } = await shop.request('POST', '/products', {
    sku: 'MUG-01',
    name: 'Another mug',
    priceCents: 100,
  });

  assert.equal(status, 409);
  assert.equal(body.error.code, 'sku_taken');
});

test('GET /products pages through the products and filters by stock', async () => {
  await shop.addProduct({ sku: 'A1' });
  await shop.addProduct({ sku: 'A2', stock: 0 });
  await shop.addProduct({ sku: 'A3' });
  const skus = (response) => response.body.products.map((product) => product.sku);

  const first = await shop.request('GET', '/products?limit=2');
  assert.deepEqual(skus(first), ['A1', 'A2']);
  const second = await shop.request('GET', `/products?limit=2&after=${first.body.next}`);
  assert.deepEqual(skus(second), ['A3']);
  assert.equal(second.body.next, null);
  assert.deepEqual(skus(await shop.request('GET', '/products?inStock=true')), ['A1', 'A3']);
  assert.equal((await shop.request('GET', '/products?limit=1000')).status, 400);
});

test('PATCH /products/:id changes only the given fields', async () => {
  const product = await shop.addProduct({ priceCents: 1250, stock: 10 });

  const { status, body } = await shop.request('PATCH', `/products/${product.id}`, { stock: 0 });

  assert.equal(status, 200);
  assert.deepEqual(body, { ...product, stock: 0 });
  assert.equal((await shop.request('PATCH', `/products/${product.id}`, {})).status, 400);
});

test('an unknown product is answered with 404', async () => {
  for (const [method, body] of [['GET'], ['PATCH', { stock: 1 }]]) {
    const response = await shop.request(method, '/products/77', body);
    assert.equal(response.status, 404);
    assert.equal(response.body.error.code, 'product_not_found');
  }
});
