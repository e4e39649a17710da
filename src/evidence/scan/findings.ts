import type { Finding } from '../evidence.js';

/** Creates a finding that keeps Pullwright from pushing the change. */
export function block(rule: string, file: string, says: string): Finding {
  return { severity: 'block', rule, path: file, says };
}

/** Creates a finding that the pull request shows to its reviewers. */
export function mark(rule: string, file: string, says: string): Finding {
  return { severity: 'mark', rule, path: file, says };
}

export const notComparable = 'the results before and after may not be comparable';
