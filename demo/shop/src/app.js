import { Hono } from 'hono';
import { ApiError } from './errors.js';
import { orderRoutes } from './routes/orders.js';
import { productRoutes } from './routes/products.js';

/**
 * @typedef {object} Dependencies
 * @property {import('./db.js').Database} db with all migrations applied
 * @property {() => Date} [now] the clock; tests replace it
 * @property {(error: Error) => void} [logError]
 */

/** @param {Dependencies} dependencies */
export function createApp({ db, now = () => new Date(), logError = console.error }) {
  const app = new Hono();

  app.get('/health', async (c) => {
    await db.query('select 1');
    return c.json({ status: 'ok' });
  });
  app.route('/products', productRoutes({ db }));
  app.route('/orders', orderRoutes({ db, now }));

  app.notFound((c) => {
    const problem = new ApiError(404, 'not_found', `There is no ${c.req.method} ${c.req.path}`);
    return c.json(problem, problem.status);
  });
  app.onError((error, c) => {
    if (error instanceof ApiError) return c.json(error, error.status);
    logError(error);
    return c.json({ error: { code: 'internal_error', message: 'Something went wrong', details: [] } }, 500);
  });

  return app;
}
