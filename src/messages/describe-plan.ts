import { describeCounts, listSuites, nameSuite } from '../evidence/count-cases.js';
import type { SuiteRun, TestRun } from '../evidence/evidence.js';
import { findBaselineFault } from '../evidence/find-baseline-fault.js';
import { hasPassed } from '../evidence/run-suites.js';
import { settingsPath } from '../task/settings.js';
import { describeEnding } from './describe-ending.js';

/** What a run would do with a repository, and how its tests ran on the base commit. */
export interface Plan {
  /** What the tests need, and which file says so. */
  found: readonly string[];
  provided: readonly string[];
  missing: readonly string[];
  /** Shell commands of the setup. */
  setup: readonly string[];
  setupFailure: string | null;
  notes: readonly string[];
  /** The test commands, with their folders. */
  tests: readonly { command: string; folder: string; runner: string }[];
  /** Null if no tests were found. */
  before: TestRun | null;
}

/** Describes a plan for people, one line per fact. */
export function listPlan({ found, provided, missing, setup, notes, tests, before }: Plan): string[] {
  // The suites of a run are in the order of its commands.
  const suites = before ? listSuites(before) : [];
  return [
    ...found.map((one) => `The tests need ${one}.`),
    ...provided,
    ...missing.map((one) => `Note: ${one}`),
    ...setup.map((command) => `Setup: \`${command}\``),
    ...tests.map((test, at) => {
      const suite = suites[at];
      return `Tests: \`${nameSuite(test)}\` (${test.runner})${suite ? `: ${describeResults(suite)}` : ''}`;
    }),
    ...notes.filter((note) => !missing.includes(note)),
  ];
}

function describeResults({ notRun, granularity, counts, ended, exitCode, durationMs }: SuiteRun): string {
  if (notRun !== undefined) return `did not run, because ${notRun}`;
  const end = ended === 'exited' ? `exit code ${exitCode}` : describeEnding(ended);
  const time = `${end} after ${(durationMs / 1000).toFixed(1)} s`;
  if (granularity === 'exit-code') return time;
  return `${describeCounts(counts)}; ${time}`;
}

/** Says whether Pullwright can measure changes of the repository, and what would help. */
export function judgePlan({ before, missing, setupFailure, tests }: Plan): string {
  const help = [
    ...(setupFailure === null
      ? []
      : [`Set \`setup\` in ${settingsPath} to the commands that install everything.`]),
    ...(missing.length > 0
      ? [`Ask the operator for what is not available, or name it in ${settingsPath}.`]
      : []),
  ];
  const isSetupFatal = setupFailure !== null && !(before && hasPassed(before));
  // The first paragraph names the command. The others are for the comment of a run that failed.
  if (isSetupFatal) return [setupFailure.split('\n\n')[0], ...help].join(' ');
  if (tests.length === 0 || !before)
    return `No tests were found. Set \`test\` in ${settingsPath} to the command that runs them.`;
  const fault = findBaselineFault(before, null, missing);
  if (fault) {
    const isUsable = !fault.isWrecked && before.granularity === 'per-test' && hasPassed(before);
    const lead = isUsable
      ? ['Most tests run, and a change can be measured test by test, but not all is well.']
      : [];
    return [...lead, fault.text, ...help].join(' ');
  }
  if (before.granularity === 'exit-code' && setupFailure !== null)
    return [
      'The setup failed, and the test command names no test, so nobody knows if one ran.',
      ...help,
    ].join(' ');
  if (before.granularity === 'exit-code')
    return 'The tests pass, but only their exit code is known. A change is measured as a whole, not test by test.';
  return ['The tests run, and a change can be measured test by test.', ...help].join(' ');
}
