import type { Repository } from '../../task/task.js';

/** The maximum period that a search covers, in milliseconds. GitHub keeps deliveries for only three days. */
export const lookBackMs = 3 * 24 * 3_600_000;

/**
 * The overlap of two searches, in milliseconds. Each search goes back to ten minutes before the previous
 * search began, because GitHub can list a delivery or comment a few minutes late.
 */
export const overlapMs = 10 * 60_000;

export function laterOf(one: Date, other: Date | undefined): Date {
  return other && other > one ? other : one;
}

/** A repository and the times from which to search it. */
export interface SearchPlace {
  repository: Repository;
  /**
   * The search ignores labels and commands from before this time, because either the App was not installed
   * yet, or people no longer expect a reply.
   */
  since: Date;
  /**
   * The search ignores comments that are older than this, because an earlier search has already covered them.
   */
  commentsSince: Date;
  /** When the current search of all repositories began. */
  begun: Date;
}
