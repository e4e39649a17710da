import type { Evidence } from '../evidence/evidence.js';
import type { Work } from '../runs/work.js';

/** The content of the pull request: the agent's words and Pullwright's evidence. */
export interface Report {
  /** The commit in the workspace that contains the agent's work. */
  change: string;
  /** The commit that Pullwright pushed to GitHub. */
  commit: string;
  work: Work;
  evidence: Evidence;
  /** The reasons why the pull request is a draft, one sentence each. Empty if it is ready for review. */
  draftReasons: string[];
  /** What all runs for the issue cost so far. `dollars` is null if the price of a model is not known. */
  issueSpend: { runs: number; dollars: number | null };
}
