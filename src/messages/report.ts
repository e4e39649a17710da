import type { Evidence } from '../evidence/evidence.js';
import type { Work } from '../runs/work.js';

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
