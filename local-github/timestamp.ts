import type { Context } from './context.js';

/** Returns the current time in GitHub's format: ISO 8601 without fractions of a second. */
export function timestamp({ clock }: Pick<Context, 'clock'>): string {
  return clock()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z');
}
