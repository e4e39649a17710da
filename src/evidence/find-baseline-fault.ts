import { countCases, listSuites, nameSuite } from './count-cases.js';
import { hasFinished, type SuiteRun, type TestCounts, type TestRun } from './evidence.js';
import { describeUnreachable } from './find-refused-servers.js';

/** Why the results on the base commit say little about a change. */
export interface BaselineFault {
  /** One or more sentences for people and for the agent. */
  text: string;
  /** Whether a pull request can only be a draft, because most tests could not be compared. */
  isWrecked: boolean;
  /** The end of the output of the test command at fault. */
  output: string;
}

/**
 * Finds out whether the tests worked on the base commit. A few failing tests are no fault, because they can
 * be compared one by one.
 * @param after the results on the change. If they are good, they say enough about the change.
 * @param missing sentences on what the repository asks for and the machine lacks
 * @returns null if the results are usable, or if there are none
 */
export function findBaselineFault(
  before: TestRun | null,
  after: TestRun | null = null,
  missing: readonly string[] = [],
): BaselineFault | null {
  if (!before || after?.exitCode === 0) return null;
  const counts = countCases(before.cases);
  const suites = listSuites(before);
  const worst = suites.find((suite) => describeFault(suite) !== null) ?? suites[0];
  const output = worst?.outputTail.trim() ?? '';
  const servers = describeUnreachable(before, missing) ?? '';
  if (failsMostly(before) && (!after || failsMostly(after)))
    return { text: `${describeMostlyFailing(counts)} ${servers}`.trim(), isWrecked: true, output };
  const texts = suites.flatMap((suite) => describeFault(suite) ?? []);
  if (servers && texts.length + counts.failed + counts.unloaded > 0) texts.push(servers);
  if (texts.length === 0) return null;
  const isWrecked = counts.passed === 0 && suites.every((suite) => !hasFinished(suite));
  return { text: texts.join(' '), isWrecked, output };
}

function failsMostly({ cases }: TestRun): boolean {
  const { passed, failed, unloaded } = countCases(cases);
  return failed + unloaded > passed;
}

function describeMostlyFailing({ passed, failed, unloaded }: TestCounts): string {
  const files = `${unloaded} test ${unloaded === 1 ? 'file' : 'files'} did not load`;
  const tests = `${passed} of ${passed + failed} tests passed`;
  const what = unloaded === 0 ? tests : failed + passed === 0 ? files : `${tests}, and ${files}`;
  return `The tests mostly fail on the base commit, without this change: ${what}. So they say little about this change.`;
}

/** @returns null if the command worked, apart from single tests that failed */
function describeFault(suite: SuiteRun): string | null {
  const { granularity, exitCode, ended, counts, notRun } = suite;
  const name = `"${nameSuite(suite)}"`;
  if (notRun !== undefined) return null;
  if (ended === 'did-not-exit') return null;
  if (ended !== 'exited') return `${name} did not finish on the base commit.`;
  if (granularity === 'exit-code') {
    if (exitCode === 0) return null;
    return `${name} fails on the base commit (exit code ${exitCode}), without this change.`;
  }
  if (counts.unloaded > 0)
    return `${counts.unloaded} test ${counts.unloaded === 1 ? 'file does' : 'files do'} not load on the base commit, without this change.`;
  if (exitCode !== 0 && counts.failed === 0)
    return `${name} ends with exit code ${exitCode} on the base commit, although none of its tests fails.`;
  return null;
}
