import type { Repository } from '../../task/task.js';

/** GitHub keeps deliveries for three days, and nothing older is looked for. */
export const lookBackMs = 3 * 24 * 3_600_000;

/** GitHub lists a delivery or comment late, so each search goes back a little before the last one. */
export const overlapMs = 10 * 60_000;

export function laterOf(one: Date, other: Date | undefined): Date {
  return other && other > one ? other : one;
}

/** A repository, and how far back to look. */
export interface SearchPlace {
  repository: Repository;
  /** Nothing older counts: the App was not installed yet, or nobody waits for an answer any more. */
  since: Date;
  commentsSince: Date;
  /** When this round began. */
  begun: Date;
}
