import type { Run } from '../../database/run-store.js';
import type { Outcome } from '../../runs/outcome.js';

export interface EndRunSteps {
  /** Writes how it ended where people look. */
  tellPeople(run: Run, outcome: Outcome): Promise<void>;
  settle(run: Run, outcome: Outcome): Promise<void>;
}

/** How every run's story ends; told on its own when the story itself cannot go on. */
export async function endRun(run: Run, outcome: Outcome, steps: EndRunSteps): Promise<void> {
  try {
    await steps.tellPeople(run, outcome);
  } finally {
    // MUST happen: a run that is not settled is in the way of every later one of its issue.
    await steps.settle(run, outcome);
  }
}
