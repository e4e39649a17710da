import type { TestRun } from '../../evidence/evidence.js';
import type { Outcome } from '../../runs/outcome.js';

/** Results of the repository's tests on the base commit and on the change; null if no tests were found. */
export interface TestRuns {
  before: TestRun | null;
  after: TestRun | null;
}

/** The result of turning the agent's work into a pull request. */
export interface Delivery {
  /** The pushed commit; null if nothing was pushed. */
  commit: string | null;
  outcome: Outcome;
}
