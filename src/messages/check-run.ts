import type { Evidence, Finding } from '../evidence/evidence.js';
import type { Annotation, CheckRun } from '../github/checks.js';
import { escapeOnly, type UntrustedText } from '../text/untrusted-text.js';
import { describeEvidence, summarizeEvidence } from './evidence-table.js';

/** GitHub's limit for a summary is 65,535 characters. */
const maxSummary = 60_000;

export function describeCheckRun(
  evidence: Evidence,
  draftReasons: string[],
  untrusted: UntrustedText = escapeOnly,
): Omit<CheckRun, 'annotations'> {
  const reasons = draftReasons.map((reason) => untrusted.line(reason, 500));
  return {
    conclusion: conclude(evidence, draftReasons),
    title: summarizeEvidence(evidence).slice(0, 250),
    summary: [...reasons, describeEvidence(evidence, untrusted)]
      .join('\n\n')
      .slice(0, maxSummary)
      .toWellFormed(),
  };
}

/** Only measured success is a success: tests that failed before and still fail are neutral. */
function conclude({ after }: Evidence, draftReasons: string[]): CheckRun['conclusion'] {
  if (draftReasons.length > 0) return 'failure';
  return after?.exitCode === 0 ? 'success' : 'neutral';
}

/** GitHub takes 50 annotations per request. */
const maxAnnotations = 50;

/** Annotations for the marks of the scan. GitHub shows them at their lines in a pull request's files. */
export function annotateMarks(findings: readonly Finding[]): Annotation[] {
  return findings
    .flatMap(({ severity, path, line, says }) =>
      severity === 'mark' && line ? [{ path, line, message: `This line ${says}.` }] : [],
    )
    .slice(0, maxAnnotations);
}
