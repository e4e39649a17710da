import type { Environment } from '../../environment/environment.js';
import type { TestCommand } from '../../evidence/commands/find-commands.js';
import type { TestRun } from '../../evidence/evidence.js';
import { keepMeasured } from '../../evidence/run-suites.js';

/** The result of setting up a repository: what its tests need, and the commands that were found in it. */
export interface ProjectSetup {
  environment: Environment;
  /** The shell commands that installed the dependencies. */
  setup: string[];
  /** The commands that run the tests; [] if no tests were found. */
  tests: TestCommand[];
  /** What this machine provides for the tests, one sentence each. */
  provided: string[];
  /** What this machine could not provide, one sentence each. */
  missing: string[];
  /** Why a setup command failed, for people; null if all of them succeeded. */
  setupFailure: string | null;
  /** Notes for readers of the evidence, one sentence each. */
  notes: string[];
}

/** Leaves out the test commands that were guessed and do not work on the base commit. */
export function keepMeasuredTests(project: ProjectSetup, before: TestRun | null): ProjectSetup {
  return { ...project, tests: keepMeasured(project.tests, before) };
}
