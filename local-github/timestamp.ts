import type { Context } from './context.js';

/** The current time as GitHub writes it: ISO 8601 without fractions of a second. */
export function timestamp({ clock }: Pick<Context, 'clock'>): string {
  return clock()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z');
}
