import type { Outcome } from '../../runs/outcome.js';
import type { Run } from '../../runs/run.js';
import type { ImplementIssueSteps } from '../implement-issue/steps.js';

export type EndRunSteps = Pick<ImplementIssueSteps, 'tellPeople' | 'recordOutcome'>;

/** Tells people the outcome of a run and stores it. Every run ends with this function. */
export async function endRun(run: Run, outcome: Outcome, steps: EndRunSteps): Promise<void> {
  try {
    await steps.tellPeople(run, outcome);
  } finally {
    // This step MUST run even if the previous one fails, because a run without an outcome blocks every later
    // run of its issue.
    await steps.recordOutcome(run, outcome);
  }
}
