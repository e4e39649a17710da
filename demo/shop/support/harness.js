import { after, beforeEach } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { createApp } from '../src/app.js';
import { migrate, openDatabase } from '../src/db.js';

// The optimising compiler never earns back its time on a database that lives for a few seconds.
setFlagsFromString('--liftoff-only');

/**
 * An in-memory Postgres for the tests of one file, emptied before each test: starting one takes more than
 * a second, emptying it a few milliseconds.
 */
export async function useEmptyDatabase() {
  const db = await openDatabase();
  beforeEach(() => db.exec('drop schema public cascade; create schema public'));
  after(() => db.close());
  return db;
}

/**
 * The app on a database with all migrations applied and no rows, both fresh for each test.
 *
 * The clock stands at 2026-03-01T12:00:00Z at the start of each test; set `shop.time` to move it.
 */
export async function useShop() {
  const db = await useEmptyDatabase();
  const shop = {
    db,
    time: new Date(0),

    /**
     * @param {string} method
     * @param {string} path
     * @param {unknown} [body] sent as JSON; a string is sent as it is
     */
    async request(method, path, body) {
      const app = createApp({ db, now: () => shop.time });
      const response = await app.request(path, {
        method,
        headers: body === undefined ? {} : { 'content-type': 'application/json' },
        body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
      });
      return { status: response.status, body: await response.json() };
    },

    /** @param {{ sku?: string, name?: string, priceCents?: number, stock?: number }} [product] */
    async addProduct(product = {}) {
      const { status, body } = await shop.request('POST', '/products', {
        sku: 'MUG-01',
        name: 'Mug',
        priceCents: 1250,
        stock: 10,
        ...product,
      });
      if (status !== 201) throw new Error(`the product was not added: ${JSON.stringify(body)}`);
      return body;
    },

    /** @param {number} productId */
    async stockOf(productId) {
      const { body } = await shop.request('GET', `/products/${productId}`);
      return body.stock;
    },
  };

  beforeEach(async () => {
    await migrate(db);
    shop.time = new Date('2026-03-01T12:00:00Z');
  });
  return shop;
}
