import type { ChaosWorld } from './start-chaos-world.js';

/** An issue that the chaos has labeled, and what its run must produce. */
export interface ChaosIssue {
  /** `owner/name` of its repository. */
  name: string;
  number: number;
  title: string;
  /** Replies that the model gives in this run. */
  turns: number;
  /** The files that differ between base and branch: path -> text on the branch. */
  changed: Record<string, string>;
}

/** Whether the bot's comment on the issue says how the run ended. */
export function isSettled({ github }: ChaosWorld, { name, number }: ChaosIssue): boolean {
  return github
    .botComments(name, number)
    .some(({ body }) => /\*\*(Done|Draft|Failed|Stopped|No pull request|I have a question)/.test(body));
}
