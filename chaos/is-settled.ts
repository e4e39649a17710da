import type { ChaosIssue } from './chaos-issue.js';
import type { ChaosWorld } from './start-chaos-world.js';

/** Whether people were told how it ended. */
export function isSettled({ github }: ChaosWorld, { name, number }: ChaosIssue): boolean {
  return github
    .botComments(name, number)
    .some(({ body }) => /\*\*(Done|Draft|Failed|Stopped|No pull request|I have a question)/.test(body));
}
