import type { Evidence, TestRun } from '../../evidence/evidence.js';
import type { DetailedRun } from '../../evidence/run-tests.js';
import type { Outcome } from '../../runs/outcome.js';

/** Results of the repository's tests on the base commit and on the change; null if no tests were found. */
export interface TestRuns {
  before: TestRun | null;
  after: TestRun | null;
}

/** The agent's change and everything that was measured about it. */
export interface Measurement {
  /** The commit in the workspace that contains the agent's work. */
  change: string;
  evidence: Evidence;
  /** Why tests newly fail. Not all of them need to be here. */
  failures: Failures;
}

/** Failed tests, with their errors and what they printed. */
export type Failures = DetailedRun['failures'];

/** The result of turning the agent's work into a pull request. */
export interface Delivery {
  /** The pushed commit; null if nothing was pushed. */
  commit: string | null;
  outcome: Outcome;
}
