import type { Run } from '../../database/run-store.js';
import type { Settlement } from '../../runs/outcome.js';

export interface EndRunSteps {
  /** Writes how it ended where people look. */
  tellPeople(run: Run, settlement: Settlement): Promise<void>;
  settle(run: Run, settlement: Settlement): Promise<void>;
}

/** How every run's story ends; told on its own when the story itself cannot go on. */
export async function endRun(run: Run, settlement: Settlement, steps: EndRunSteps): Promise<void> {
  try {
    await steps.tellPeople(run, settlement);
  } finally {
    // MUST happen: a run that is not settled is in the way of every later one of its issue.
    await steps.settle(run, settlement);
  }
}
