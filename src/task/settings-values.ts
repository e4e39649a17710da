import { z } from 'zod';

/* Kinds of values in a settings file. The messages complete the sentence "expected …". */

export function text(expected: string, most: number) {
  const error = `${expected} of 1 to ${most} characters`;
  return z.string({ error: expected }).trim().min(1, { error }).max(most, { error });
}

export function matching(shape: RegExp, expected: string) {
  return z.string({ error: expected }).regex(shape, { error: expected });
}

export function listOf<Item extends z.ZodType>(item: Item, most: number, expected: string) {
  return z.array(item, { error: expected }).max(most, { error: `${expected}, at most ${most}` });
}

/** Makes a field optional. Inside Pullwright, a missing field is null. */
export function orNull<Schema extends z.ZodType>(schema: Schema) {
  return schema.optional().transform((value) => value ?? null);
}
