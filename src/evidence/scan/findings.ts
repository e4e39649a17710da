import type { Finding } from '../evidence.js';

/** Nothing is pushed. */
export function block(rule: string, file: string, says: string): Finding {
  return { severity: 'block', rule, path: file, says };
}

/** The pull request says so. */
export function mark(rule: string, file: string, says: string): Finding {
  return { severity: 'mark', rule, path: file, says };
}

export const notTheSame = 'the results before and after need not be of the same measurement';
