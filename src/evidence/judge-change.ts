import type { Work } from '../runs/work.js';
import type { Settings } from '../task/settings.js';
import { findLost } from './compare-tests.js';
import { listSuites, nameSuite } from './count-cases.js';
import { type Evidence, type Finding, hasFinished, type SuiteRun, type TestRun } from './evidence.js';
import { findBaselineFault } from './find-baseline-fault.js';

export type Verdict =
  /** Pullwright does not push the change. The reason is one sentence. */
  | { kind: 'blocked'; reason: string }
  /**
   * Pullwright opens a pull request. The pull request is a draft if `draftReasons` is not empty. Each reason
   * is one sentence.
   */
  | { kind: 'ready'; draftReasons: string[] };

/**
 * Decides whether Pullwright pushes the change, and whether the pull request is a draft. No other module
 * makes this decision. The function is pure.
 */
export function judgeChange(work: Work, evidence: Evidence, settings: Settings): Verdict {
  const blocking = evidence.findings.filter((finding) => finding.severity === 'block');
  if (blocking.length > 0) return { kind: 'blocked', reason: describeBlocking(blocking) };
  const draftReasons = [
    ...judgeWork(work),
    ...(evidence.packages?.faults ?? []),
    ...(evidence.migrations?.faults ?? []),
    ...judgeTests(evidence),
    ...judgeLookAlikes(evidence.findings),
    ...evidence.findings
      .filter(({ rule }) => rule === 'lockfile')
      .map(({ path, says }) => `${path} ${says}.`),
    ...(settings.draft === 'always' ? ["The repository's settings make every pull request a draft."] : []),
  ];
  return { kind: 'ready', draftReasons };
}

function describeBlocking(blocking: readonly Finding[]): string {
  const places = blocking
    .slice(0, 10)
    .map(({ path, line, says }) => `${path}${line ? `:${line}` : ''}: ${says}`);
  const more = blocking.length > 10 ? `; and ${blocking.length - 10} more` : '';
  return `The change was not pushed: ${places.join('; ')}${more}.`;
}

const maxPlaces = 5;

/**
 * Returns a draft reason for each place with text that looks like a credential. A reviewer must decide
 * whether the text is a credential before anyone merges the pull request.
 */
function* judgeLookAlikes(findings: readonly Finding[]): Generator<string> {
  const lookAlikes = findings.filter(({ severity, rule }) => severity === 'mark' && rule === 'secret');
  for (const { path, line, says } of lookAlikes.slice(0, maxPlaces))
    yield `${path}${line ? `:${line}` : ''} ${says}.`;
  const more = lookAlikes.length - maxPlaces;
  if (more > 0)
    yield `${more} more ${more === 1 ? 'place contains' : 'places contain'} what looks like credentials.`;
}

function judgeWork({ outcome }: Work): string[] {
  switch (outcome.kind) {
    case 'budget':
    case 'gave-up':
      return [`The agent did not finish its work: ${outcome.reason}.`];
    case 'stopped':
      return [`The run was stopped before the agent finished its work: ${outcome.reason}`];
    default:
      return [];
  }
}

function* judgeTests(evidence: Evidence): Generator<string> {
  const { before, after, comparison } = evidence;
  const fault = findBaselineFault(before, after);
  if (fault?.isWrecked) yield fault.text;
  if (comparison && comparison.newlyFailing.length > 0)
    yield comparison.newlyFailing.length === 1
      ? '1 test fails now and did not fail before.'
      : `${comparison.newlyFailing.length} tests fail now and did not fail before.`;
  const { count } = findLost(comparison, before, after);
  if (count > 0)
    yield count === 1
      ? '1 test that ran before is missing or skipped now.'
      : `${count} tests that ran before are missing or skipped now.`;
  yield* judgeTestCommand(evidence);
}

/**
 * Judges how the test commands ended on the change, apart from the results of single tests.
 * @returns what is wrong, one sentence each
 */
export function* judgeTestCommand({ before, after, comparison }: Evidence): Generator<string> {
  if (before && !after) yield 'The tests could not be run on this change.';
  if (!after) return;
  const earlier = new Map(before && listSuites(before).map((suite) => [nameSuite(suite), suite]));
  const suites = listSuites(after);
  for (const suite of suites) {
    const was = earlier.get(nameSuite(suite));
    const prefix = suites.length > 1 ? `${nameSuite(suite)}: ` : '';
    const isExplained =
      suites.length > 1
        ? suite.counts.failed + suite.counts.unloaded > 0
        : comparison !== null && comparison.newlyFailing.length + comparison.flaky.length > 0;
    for (const fault of judgeSuite(was, suite, isExplained)) yield `${prefix}${fault}`;
  }
}

const endings: Record<Exclude<TestRun['ended'], 'exited' | 'did-not-exit'>, string> = {
  stopped: 'they were stopped',
  timeout: 'they ran out of time',
  'output-limit': 'they printed too much',
  'memory-limit': 'they used too much memory',
  'process-limit': 'they started too many processes',
  'disk-limit': 'they wrote too much to disk',
  'not-measured': 'their use of memory and disk could not be measured',
};

/**
 * Judges one test command. It can fail although no test fails. Possible reasons are a linter, a coverage
 * limit, a type check, or a crash of the test runner.
 * @param before undefined if the command did not run before the change
 * @param isExplained whether failed tests explain that the command fails
 */
function* judgeSuite(before: SuiteRun | undefined, after: SuiteRun, isExplained: boolean): Generator<string> {
  if (after.notRun !== undefined) {
    if (before?.notRun === undefined) yield `The tests did not run on this change: ${after.notRun}.`;
    return;
  }
  if (after.ended === 'did-not-exit') {
    // If the command did not exit before either, the change is not the reason.
    if (before?.ended !== 'did-not-exit')
      yield after.remark ?? 'The tests finished on this change, but the command did not exit.';
  } else if (after.ended !== 'exited')
    yield `The tests did not finish on this change: ${endings[after.ended]}.`;
  if (before && before.notRun === undefined && hasFinished(after))
    yield* judgeExit(before, after, isExplained);
}

function* judgeExit(before: SuiteRun, after: SuiteRun, isExplained: boolean): Generator<string> {
  const isPerTest = before.granularity === 'per-test' && after.granularity === 'per-test';
  const code = after.ended === 'exited' ? `exit code ${after.exitCode}` : 'it did not exit';
  if (before.granularity === 'per-test' && !isPerTest)
    yield `The test command reported the result of each test before the change, but not after it (${code}): ${after.exitCode === 0 ? 'no test ran' : crashed}.`;
  else if (after.note && !before.note)
    yield `The test results on this change are not complete: ${after.note}.`;
  else if (after.ended !== 'exited') {
    if (!isPerTest)
      yield 'The test command does not exit, and it reports no results, so it says nothing about the change.';
  } else if (before.exitCode === 0 && after.exitCode !== 0) {
    if (!isPerTest) yield 'The tests passed before and fail now.';
    else if (!isExplained)
      yield `The test command passed before and fails now (${code}), although no test newly fails: ${otherPart}.`;
  } else if (!isPerTest && after.exitCode !== 0)
    yield `The test command fails before and after this change, ${proveNothing}.`;
}

const crashed = 'it failed before the first test, or the test runner crashed';
const otherPart = 'another part of the command fails, such as a linter or a coverage limit';
const proveNothing = 'and it reports only an exit code, so it says nothing about the change';
