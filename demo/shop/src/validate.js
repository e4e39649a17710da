import { z } from 'zod';
import { ApiError } from './errors.js';

/** The largest `integer` in Postgres, so no id can be larger. */
const MAX_ID = 2_147_483_647;

/** An id in a request body. */
export const id = z.int().min(1).max(MAX_ID);

/** An id in a path or a query, where all values are text. */
export const idText = z
  .string()
  .regex(/^\d{1,10}$/, 'Expected an id')
  .transform(Number)
  .pipe(id);

/**
 * @template {z.ZodType} S
 * @param {S} schema
 * @param {unknown} value
 * @returns {z.output<S>}
 */
export function validate(schema, value) {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const details = result.error.issues.map((issue) => ({
    path: issue.path.join('.'),
    message: issue.message,
  }));
  throw new ApiError(400, 'validation_failed', 'The request is invalid', details);
}

/**
 * @template {z.ZodType} S
 * @param {import('hono').Context} c
 * @param {S} schema
 * @returns {Promise<z.output<S>>}
 */
export async function validateBody(c, schema) {
  let body;
  try {
    body = await c.req.json();
  } catch {
    throw new ApiError(400, 'invalid_json', 'The request body is not valid JSON');
  }
  return validate(schema, body);
}
