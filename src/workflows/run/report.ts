import type { Work } from '../../agent/work.js';
import type { Evidence, TestRun } from '../../evidence/evidence.js';
import type { Outcome } from '../../runs/outcome.js';

/** The repository's tests on the base commit and on the change; null: no tests were found. */
export interface TestRuns {
  before: TestRun | null;
  after: TestRun | null;
}

/** What the pull request reports: the agent's words and our evidence. */
export interface Report {
  /** The commit with the agent's work, in the workspace. */
  change: string;
  /** The pushed commit. */
  commit: string;
  work: Work;
  evidence: Evidence;
  /** Why the pull request is a draft, a sentence each; [] for one that is ready. */
  draftReasons: string[];
}

/** The result of delivering the agent's work. */
export interface Delivery {
  /** The pushed commit; null: nothing was pushed. */
  commit: string | null;
  outcome: Outcome;
}
