import type { TestRun } from '../../evidence/evidence.js';
import type { Outcome } from '../../runs/outcome.js';

/** The repository's tests on the base commit and on the change; null: no tests were found. */
export interface TestRuns {
  before: TestRun | null;
  after: TestRun | null;
}

/** The result of delivering the agent's work. */
export interface Delivery {
  /** The pushed commit; null: nothing was pushed. */
  commit: string | null;
  outcome: Outcome;
}
