import type { TestCommand } from '../../evidence/find-commands.js';

/** The result of setting up a repository: the commands that were found in it. */
export interface ProjectSetup {
  /** The shell commands that installed the dependencies. */
  setup: string[];
  /** The command that runs the tests; null if no tests were found. */
  test: TestCommand | null;
  /** Notes for readers of the evidence, one sentence each. */
  notes: string[];
}
