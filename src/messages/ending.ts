import type { Outcome } from '../runs/outcome.js';
import type { Run } from '../runs/run.js';
import type { UntrustedText } from '../text/untrusted-text.js';
import { listQuestions } from './outcome.js';
import { describeRefusal } from './refusals.js';

/** Returns the marker of the comment that tells people how a run ended. */
export function endingMarker(runId: string): string {
  return `<!-- pullwright:ended:${runId} -->`;
}

interface Ending {
  outcome: Outcome;
  /** Whom the comment mentions; null for nobody. */
  login: string | null;
  /** The commit that the run pushed; null if it pushed none. */
  commit: string | null;
  /** The address of the progress comment; null if it is not known. */
  progress: string | null;
}

/**
 * Renders the short comment at the end of a run. GitHub notifies people of new comments and of mentions, but
 * not of edits such as those of the progress comment.
 * @returns null if there is nothing to tell: a person stopped the run, or nobody requested it and it had
 * nothing to do
 */
export function renderEnding(
  { workflow }: Pick<Run, 'workflow'>,
  { outcome, login, commit, progress }: Ending,
  untrusted: UntrustedText,
): string | null {
  if (outcome.kind === 'stopped') return null;
  const says = describe(outcome, workflow === 'answer-review', commit, untrusted);
  const addressed = login === null ? `${says.charAt(0).toUpperCase()}${says.slice(1)}` : `@${login}, ${says}`;
  // A question is asked in full, so that people can answer the e-mail.
  return outcome.kind === 'question' || progress === null ? addressed : `${addressed} [Details](${progress})`;
}

/** Returns a text that follows the name of a person and a comma. */
function describe(
  outcome: Exclude<Outcome, { kind: 'stopped' }>,
  isFollowUp: boolean,
  commit: string | null,
  untrusted: UntrustedText,
): string {
  switch (outcome.kind) {
    case 'pull-request':
      return isFollowUp && commit ? `this is done in ${commit}.` : `#${outcome.number} is ready for review.`;
    case 'draft': {
      const [first = '', ...others] = outcome.reasons;
      const more = others.length > 0 ? ` There ${countMore(others.length)}.` : '';
      return `#${outcome.number} is a draft. ${untrusted.line(first, maxReason)}${more}`;
    }
    case 'plan':
      return `the plan is ready. ${untrusted.line(outcome.verdict, maxReason)}`;
    case 'question': {
      const one = outcome.questions.length === 1;
      return `I have ${one ? 'a question' : 'questions'} before I can continue:\n\n${listQuestions(outcome.questions, untrusted)}\n\nAnswer in a comment. I will then continue automatically.`;
    }
    case 'refusal': {
      const [line = ''] = describeRefusal(outcome.reason).split('\n');
      // A list can follow.
      const first = line.replace(/:$/, '.');
      return `I ${isFollowUp ? 'pushed no commit' : 'opened no pull request'}. ${untrusted.line(first, maxReason)}`;
    }
    case 'failed':
      return `the run failed. ${untrusted.line(outcome.reason, maxReason)}`;
  }
}

const maxReason = 300;

function countMore(count: number): string {
  return count === 1 ? 'is 1 more reason' : `are ${count} more reasons`;
}
