import { Hono } from 'hono';
import { z } from 'zod';
import { ApiError, isUniqueViolation } from '../errors.js';
import { idText, validate, validateBody } from '../validate.js';

const name = z.string().trim().min(1).max(200);
const priceCents = z.int().min(0).max(10_000_000);
const stock = z.int().min(0).max(1_000_000);

const newProduct = z.strictObject({
  sku: z
    .string()
    .trim()
    .regex(/^[A-Z0-9][A-Z0-9-]{1,31}$/, 'Use 2 to 32 upper-case letters, digits and hyphens'),
  name,
  priceCents,
  stock: stock.default(0),
});

const productChange = z
  .strictObject({ name: name.optional(), priceCents: priceCents.optional(), stock: stock.optional() })
  .refine((change) => Object.keys(change).length > 0, 'Give at least one field to change');

const productList = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: idText.optional(),
  inStock: z.enum(['true', 'false']).optional(),
});

const productParams = z.object({ id: idText });

/** @param {Record<string, any>} row */
function toProduct(row) {
  return {
    id: row.id,
    sku: row.sku,
    name: row.name,
    priceCents: row.price_cents,
    stock: row.stock,
    createdAt: row.created_at,
  };
}

/** @param {number} productId */
function productNotFound(productId) {
  return new ApiError(404, 'product_not_found', `There is no product ${productId}`);
}

/** @param {{ db: import('../db.js').Database }} dependencies */
export function productRoutes({ db }) {
  const routes = new Hono();

  routes.post('/', async (c) => {
    const product = await validateBody(c, newProduct);
    try {
      const { rows } = await db.query(
        'insert into products (sku, name, price_cents, stock) values ($1, $2, $3, $4) returning *',
        [product.sku, product.name, product.priceCents, product.stock],
      );
      return c.json(toProduct(rows[0]), 201);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new ApiError(409, 'sku_taken', `There is already a product with the SKU ${product.sku}`);
    }
  });

  routes.get('/', async (c) => {
    const { limit, after, inStock } = validate(productList, c.req.query());
    const { rows } = await db.query(
      `select * from products
        where id > $1 and ($2::boolean is null or (stock > 0) = $2)
        order by id
        limit $3`,
      [after ?? 0, inStock === undefined ? null : inStock === 'true', limit],
    );
    return c.json({
      products: rows.map(toProduct),
      next: rows.length === limit ? rows[rows.length - 1].id : null,
    });
  });

  routes.get('/:id', async (c) => {
    const params = validate(productParams, c.req.param());
    const { rows } = await db.query('select * from products where id = $1', [params.id]);
    if (rows.length === 0) throw productNotFound(params.id);
    return c.json(toProduct(rows[0]));
  });

  routes.patch('/:id', async (c) => {
    const params = validate(productParams, c.req.param());
    const change = await validateBody(c, productChange);
    const { rows } = await db.query(
      `update products
          set name        = coalesce($2, name),
              price_cents = coalesce($3, price_cents),
              stock       = coalesce($4, stock)
        where id = $1
        returning *`,
      [params.id, change.name ?? null, change.priceCents ?? null, change.stock ?? null],
    );
    if (rows.length === 0) throw productNotFound(params.id);
    return c.json(toProduct(rows[0]));
  });

  return routes;
}
