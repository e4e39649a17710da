import { z } from 'zod';
import { ApiError } from './errors.js';

/** Checked before it is turned to upper case: `ß` would become `SS`. */
export const discountCodeText = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9-]{3,32}$/, 'Use 3 to 32 letters, digits and hyphens')
  .toUpperCase();

/**
 * What a discount takes off: never more than the subtotal, and whole cents, rounded down.
 *
 * @param {{ kind: 'percent' | 'amount', value: number }} discount
 * @param {number} subtotalCents
 */
export function discountCents({ kind, value }, subtotalCents) {
  const cents = kind === 'percent' ? Math.floor((subtotalCents * value) / 100) : value;
  return Math.min(cents, subtotalCents);
}

/**
 * Uses up one redemption. The limit is checked by the statement that counts, so that it also holds for
 * orders placed at the same moment.
 *
 * @param {import('./db.js').Transaction} tx
 * @param {string} code in upper case
 * @param {Date} now
 */
export async function redeemDiscount(tx, code, now) {
  const { rows } = await tx.query(
    `update discounts
        set redemptions = redemptions + 1
      where code = $1
        and (expires_at is null or expires_at > $2)
        and (max_redemptions is null or redemptions < max_redemptions)
      returning *`,
    [code, now],
  );
  if (rows.length === 0) throw await redemptionProblem(tx, code, now);
  return rows[0];
}

/**
 * @param {import('./db.js').Transaction} tx
 * @param {string} code
 * @param {Date} now
 */
async function redemptionProblem(tx, code, now) {
  const { rows } = await tx.query('select * from discounts where code = $1', [code]);
  const details = [{ discountCode: code }];
  if (rows.length === 0) {
    return new ApiError(422, 'discount_not_found', `There is no discount code ${code}`, details);
  }
  const expiresAt = rows[0].expires_at;
  if (expiresAt !== null && expiresAt <= now) {
    return new ApiError(422, 'discount_expired', `The discount code ${code} has expired`, details);
  }
  return new ApiError(409, 'discount_exhausted', `The discount code ${code} is used up`, details);
}

/**
 * Gives one redemption back.
 *
 * @param {import('./db.js').Transaction} tx
 * @param {string} code
 */
export async function releaseDiscount(tx, code) {
  await tx.query('update discounts set redemptions = redemptions - 1 where code = $1', [code]);
}
