import type { TestCommand } from '../../evidence/find-commands.js';

/** The commands of a repository that has been set up. */
export interface ProjectSetup {
  /** The shell commands that installed the dependencies. */
  setup: string[];
  /** Null: no tests were found. */
  test: TestCommand | null;
  /** Remarks for readers of the evidence, a sentence each. */
  notes: string[];
}
