import type { Work } from '../agent/work.js';
import type { Settings } from '../task/settings.js';
import type { Comparison, Evidence, TestCase, TestRun } from './evidence.js';

export type Verdict =
  /** Nothing may be pushed. */
  | { kind: 'blocked'; reason: string }
  /** Open the pull request; as a draft when there is a reason, a sentence each. */
  | { kind: 'ready'; draftReasons: string[] };

/** What the evidence means for the pull request. Pure, and the only place where that is decided. */
export function judgeChange(work: Work, evidence: Evidence, settings: Settings): Verdict {
  const blocking = evidence.findings.filter((finding) => finding.severity === 'block');
  if (blocking.length > 0) {
    const places = blocking
      .slice(0, 10)
      .map(({ path, line, says }) => `${path}${line ? `:${line}` : ''}: ${says}`);
    const more = blocking.length > 10 ? `; and ${blocking.length - 10} more` : '';
    return { kind: 'blocked', reason: `the change was not pushed: ${places.join('; ')}${more}` };
  }
  return { kind: 'ready', draftReasons: [...reasonsForDraft(work, evidence, settings)] };
}

function* reasonsForDraft(work: Work, evidence: Evidence, settings: Settings): Generator<string> {
  const { outcome } = work;
  if (outcome.kind === 'budget') yield `The work was ended before it was done: ${outcome.reason}.`;
  if (outcome.kind === 'stopped') yield `The work was ended before it was done: ${outcome.reason}.`;
  if (outcome.kind === 'gave-up') yield `The agent stopped before it was done: ${outcome.reason}.`;

  const { before, after, comparison } = evidence;
  if (after && after.ended !== 'exited') yield `The tests did not finish (${after.ended}).`;
  if (comparison && comparison.newlyFailing.length > 0)
    yield `${count(comparison.newlyFailing.length, 'test')} that did not fail before ${comparison.newlyFailing.length === 1 ? 'fails' : 'fail'} now.`;
  const lost = before && after && comparison ? countLost(comparison.removed, before, after) : 0;
  if (lost > 0)
    yield `${count(lost, 'test')} that ran before did not run any more, or passed before and ${lost === 1 ? 'is' : 'are'} skipped now.`;
  if (before && after) yield* judgeExit(before, after, comparison);
  if (before && !after) yield 'The tests could not be run on the change.';
  if (settings.draft === 'always') yield "The repository's settings ask for drafts.";
}

/** Removed tests that no new passing test of the same file stands for: one that was renamed is not lost. */
function countLost(removed: readonly string[], before: TestRun, after: TestRun): number {
  const known = new Set(before.cases.map(({ id }) => id));
  const gone = new Set(removed);
  const countByFile = (cases: readonly TestCase[]) => {
    const counts = new Map<string | null, number>();
    for (const { file } of cases) counts.set(file, (counts.get(file) ?? 0) + 1);
    return counts;
  };
  const added = countByFile(after.cases.filter(({ id, outcome }) => outcome === 'passed' && !known.has(id)));
  const missing = countByFile(before.cases.filter(({ id }) => gone.has(id)));
  return [...missing].reduce((sum, [file, number]) => sum + Math.max(0, number - (added.get(file) ?? 0)), 0);
}

/**
 * A command can fail without a test that does: a linter, a coverage threshold, a type check, a runner that
 * crashed.
 */
function* judgeExit(before: TestRun, after: TestRun, comparison: Comparison | null): Generator<string> {
  if (after.ended !== 'exited') return;
  if (before.granularity === 'per-test' && after.granularity === 'exit-code')
    yield `The test command gave no results per test any more (exit code ${after.exitCode}): it failed before any test, or its runner crashed.`;
  else if (after.note && !before.note) yield `The results of the tests are not complete: ${after.note}.`;
  else if (before.exitCode === 0 && after.exitCode !== 0) {
    const explained = comparison && comparison.newlyFailing.length + comparison.flaky.length > 0;
    if (!explained)
      yield comparison
        ? `The test command passed before and fails now (exit code ${after.exitCode}), although no test newly fails.`
        : 'The tests passed before and fail now.';
  } else if (!comparison && after.exitCode !== 0)
    yield 'The tests fail, and nothing tells which: they failed before this change too, and say nothing about it.';
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
