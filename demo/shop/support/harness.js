import { randomUUID } from 'node:crypto';
import { after, beforeEach } from 'node:test';
import { createApp } from '../src/app.js';
import { databaseUrl, migrate, openDatabase } from '../src/db.js';

/**
 * Creates a database for the tests of one file, because files run at the same time. Empties it before each
 * test.
 */
export async function useEmptyDatabase() {
  const name = `shop_test_${randomUUID().replaceAll('-', '')}`;
  const server = openDatabase(databaseUrl());
  await server.query(`create database ${name}`);
  const url = new URL(databaseUrl());
  url.pathname = `/${name}`;
  const db = openDatabase(url.href);
  beforeEach(() => db.exec('drop schema public cascade; create schema public'));
  after(async () => {
    await db.close();
    await server.query(`drop database ${name}`);
    await server.close();
  });
  return db;
}

/**
 * Gives each test a new app on a database with all migrations applied and no rows.
 *
 * At the start of each test the clock stands at 2026-03-01T12:00:00Z. Set `shop.time` to move it.
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
      if (status !== 201) throw new Error(`adding the product failed: ${JSON.stringify(body)}`);
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
