import type { TestCommand } from '../../evidence/find-commands.js';

/** What is known once the repository has been looked at and set up. */
export interface ProjectSetup {
  /** Shell commands that installed the dependencies. */
  setup: string[];
  /** Null where no tests were found. */
  test: TestCommand | null;
  /** What a reader of the evidence has to know. */
  notes: string[];
}
