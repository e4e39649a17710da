import { Hono } from 'hono';
import { z } from 'zod';
import { discountCodeText } from '../discounts.js';
import { ApiError, isUniqueViolation } from '../errors.js';
import { validate, validateBody } from '../validate.js';

const discountParams = z.object({ code: discountCodeText });

/** @param {() => Date} now */
function newDiscount(now) {
  const fields = {
    code: discountCodeText,
    expiresAt: z.iso
      .datetime({ offset: true })
      .transform((text) => new Date(text))
      .refine((time) => time > now(), 'Expected a time in the future')
      .optional(),
    maxRedemptions: z.int().min(1).max(1_000_000).optional(),
  };
  return z.discriminatedUnion('kind', [
    z.strictObject({ ...fields, kind: z.literal('percent'), value: z.int().min(1).max(100) }),
    z.strictObject({ ...fields, kind: z.literal('amount'), value: z.int().min(1).max(10_000_000) }),
  ]);
}

/** @param {Record<string, any>} row */
function toDiscount(row) {
  return {
    id: row.id,
    code: row.code,
    kind: row.kind,
    value: row.value,
    expiresAt: row.expires_at,
    maxRedemptions: row.max_redemptions,
    redemptions: row.redemptions,
    createdAt: row.created_at,
  };
}

/** @param {{ db: import('../db.js').Database, now: () => Date }} dependencies */
export function discountRoutes({ db, now }) {
  const routes = new Hono();
  const schema = newDiscount(now);

  routes.post('/', async (c) => {
    const discount = await validateBody(c, schema);
    try {
      const { rows } = await db.query(
        `insert into discounts (code, kind, value, expires_at, max_redemptions, created_at)
         values ($1, $2, $3, $4, $5, $6)
         returning *`,
        [
          discount.code,
          discount.kind,
          discount.value,
          discount.expiresAt ?? null,
          discount.maxRedemptions ?? null,
          now(),
        ],
      );
      return c.json(toDiscount(rows[0]), 201);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new ApiError(409, 'discount_code_taken', `There is already a discount code ${discount.code}`);
    }
  });

  routes.get('/:code', async (c) => {
    const { code } = validate(discountParams, c.req.param());
    const { rows } = await db.query('select * from discounts where code = $1', [code]);
    if (rows.length === 0) throw new ApiError(404, 'discount_not_found', `There is no discount code ${code}`);
    return c.json(toDiscount(rows[0]));
  });

  return routes;
}
