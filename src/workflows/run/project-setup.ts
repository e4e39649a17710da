import type { Environment } from '../../environment/environment.js';
import type { TestCommand } from '../../evidence/find-commands.js';

/** The result of setting up a repository: the commands that were found in it. */
export interface ProjectSetup {
  /** The shell commands that installed the dependencies. */
  setup: string[];
  /** The command that runs the tests; null if no tests were found. */
  test: TestCommand | null;
  /** What the repository's files say about the environment that its tests need. */
  environment: Environment;
  /** Notes for readers of the evidence, one sentence each. */
  notes: string[];
}
