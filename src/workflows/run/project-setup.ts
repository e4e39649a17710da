import type { Environment } from '../../environment/environment.js';
import type { TestCommand } from '../../evidence/commands/find-commands.js';
import type { TestRun } from '../../evidence/evidence.js';
import { hasPassed, keepMeasured } from '../../evidence/run-suites.js';
import { RunEndedError } from '../../runs/outcome.js';
import type { RefusalReason } from '../../runs/refusal-reason.js';
import type { Task } from '../../task/task.js';

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

/**
 * Decides whether changes can be measured with the tests of the base commit.
 * @param before the results on the base commit; null if no tests were found
 * @returns the project without the guessed test commands that do not work on the base commit
 * @throws RunEndedError if the tests give no usable results, or if nothing passes after a failed setup
 */
export function requireUsableTests(
  { settings }: Pick<Task, 'settings'>,
  project: ProjectSetup,
  before: TestRun | null,
): ProjectSetup {
  const { setupFailure, missing, tests } = project;
  if (setupFailure !== null && !(before && hasPassed(before)))
    throw new RunEndedError({ kind: 'failed', reason: setupFailure });
  const reason = before && findUnusableReason(before, settings.timeouts.test, missing);
  if (reason) throw new RunEndedError({ kind: 'refusal', reason });
  return { ...project, tests: keepMeasured(tests, before) };
}

function findUnusableReason(
  { command, exitCode, ended, cases, outputTail, remark = '' }: TestRun,
  minutes: number,
  missing: readonly string[],
): RefusalReason | null {
  const output = outputTail.trim().slice(-600);
  if (ended === 'timeout')
    return { kind: 'tests-time-out', command, minutes, missing: [...missing], remark, output };
  if (ended === 'output-limit') return { kind: 'tests-print-too-much', command };
  const isMissing = exitCode === 127 || exitCode === 126 || /Missing script: /.test(outputTail);
  if (cases.length === 0 && isMissing) return { kind: 'test-command-missing', command, exitCode, output };
  return null;
}
