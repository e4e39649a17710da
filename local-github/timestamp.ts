import type { Parts } from './parts.js';

/** Now, as GitHub writes it: without fractions of a second. */
export function timestamp(parts: Pick<Parts, 'clock'>): string {
  return parts
    .clock()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z');
}
