import { type Evidence, type Finding, listBreaking } from '../evidence/evidence.js';
import { findBaselineFault } from '../evidence/find-baseline-fault.js';
import type { Annotation, CheckRun } from '../github/checks.js';
import type { UntrustedText } from '../text/untrusted-text.js';
import { describeEvidence } from './evidence/describe-evidence.js';
import { summarizeEvidence } from './evidence/summarize-evidence.js';

/** Maximum length of the summary, in characters. GitHub's limit is 65,535. */
const maxSummary = 60_000;

export function describeCheckRun(
  evidence: Evidence,
  draftReasons: string[],
  untrusted: UntrustedText,
): Omit<CheckRun, 'annotations'> {
  const fault = findBaselineFault(evidence.before, evidence.after);
  const lines = fault && !draftReasons.includes(fault.text) ? [...draftReasons, fault.text] : draftReasons;
  const reasons = lines.map((reason) => untrusted.line(reason, 500));
  return {
    conclusion: conclude(evidence, draftReasons),
    title: summarizeEvidence(evidence).slice(0, 250),
    summary: [...reasons, describeEvidence(evidence, untrusted)]
      .join('\n\n')
      .slice(0, maxSummary)
      .toWellFormed(),
  };
}

/**
 * Chooses the conclusion of the check run. The conclusion is neutral if no tests ran, if the tests fail and
 * already failed before the change, if the results on the base commit say little about the change, or if the
 * change breaks an API.
 */
function conclude(evidence: Evidence, draftReasons: string[]): CheckRun['conclusion'] {
  const { before, after } = evidence;
  const fault = findBaselineFault(before, after);
  if (draftReasons.some((reason) => reason !== fault?.text)) return 'failure';
  if (listBreaking(evidence).length > 0) return 'neutral';
  // A command that does not exit has no exit code, so its results decide.
  const isHeld = after?.ended === 'did-not-exit' && after.cases.length > 0;
  const passes = isHeld && after.cases.every(({ outcome }) => outcome !== 'failed');
  return (after?.exitCode === 0 || passes) && !fault ? 'success' : 'neutral';
}

/** GitHub accepts at most 50 annotations per request. */
const maxAnnotations = 50;

/**
 * Creates an annotation for each finding that has the severity `mark` and a line. GitHub shows the annotation
 * at its line in the pull request's files.
 */
export function annotateMarks(findings: readonly Finding[]): Annotation[] {
  return findings
    .flatMap(({ severity, path, line, says }) =>
      severity === 'mark' && line ? [{ path, line, message: `This line ${says}.` }] : [],
    )
    .slice(0, maxAnnotations);
}
