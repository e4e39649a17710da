import type { ChaosWorld } from './start-chaos-world.js';

/** An issue that the chaos test has labeled, and the expected result of its run. */
export interface ChaosIssue {
  /** Repository of the issue, as `owner/name`. */
  name: string;
  number: number;
  title: string;
  /** Number of model replies that the run needs. */
  turns: number;
  /**
   * Expected differences between the base branch and the pull request's branch. Maps each changed file to its
   * new text.
   */
  changed: Record<string, string>;
}

/** Returns whether the bot's comment on the issue says that the run has ended. */
export function isSettled({ github }: ChaosWorld, { name, number }: ChaosIssue): boolean {
  return github
    .botComments(name, number)
    .some(({ body }) => /\*\*(Done|Draft|Failed|Stopped|No pull request|I have a question)/.test(body));
}
