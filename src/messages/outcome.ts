import type { Outcome } from '../runs/outcome.js';
import type { UntrustedText } from '../text/untrusted-text.js';
import { describeNextStep, describeRefusal } from './refusals.js';

/** Renders how a run on an issue ended, and what people can do next. */
export function renderOutcome(outcome: Outcome, untrusted: UntrustedText): string {
  const again = '`/retry` continues from where the run ended. `/implement` starts over.';
  switch (outcome.kind) {
    case 'pull-request':
      return `**Done:** #${outcome.number} is ready for review. Its description contains the test results.`;
    case 'draft':
      return `**Draft:** #${outcome.number} contains the ${outcome.unfinished ? 'work so far' : 'change'}.\n\n${listReasons(outcome.reasons, untrusted)}\n\nYou can finish it by hand. Or say in a review what is missing, and I will continue from there. \`/implement\` on this issue starts over and replaces the draft's content.`;
    case 'plan':
      return `**Plan:** ${untrusted.statement(outcome.verdict)}\n\n${listReasons(outcome.lines, untrusted)}\n\nNothing was spent on the model. \`/implement\` starts the work.`;
    case 'question':
      return `**Waiting for an answer** to my ${outcome.questions.length === 1 ? 'question' : 'questions'}.`;
    case 'refusal': {
      const next = describeNextStep(outcome.reason);
      const text = untrusted.statement(describeRefusal(outcome.reason));
      return `**No pull request:** ${text}${next ? `\n\n${next}` : ''}`;
    }
    case 'stopped':
      return `**Stopped:** ${untrusted.statement(outcome.reason)}\n\n${again}`;
    case 'failed':
      return `**Failed:** ${untrusted.statement(outcome.reason)}\n\n${again}`;
  }
}

/** Renders how a run on a pull request ended. The text is for a comment on the pull request. */
export function renderFollowUpOutcome(
  outcome: Outcome,
  commit: string | null,
  untrusted: UntrustedText,
): string {
  const again = 'Comment `/implement` with instructions, or `/retry`.';
  const inCommit = commit === null ? '' : ` in ${commit}`;
  switch (outcome.kind) {
    case 'pull-request':
      return `**Done${inCommit}.** The summary and the evidence above are about this commit.`;
    case 'draft':
      return `**${outcome.unfinished ? 'The work so far is' : 'Done'}${inCommit}. This pull request is a draft:**\n\n${listReasons(outcome.reasons, untrusted)}\n\nFinish it by hand, or say in a review what is missing.`;
    case 'plan':
    case 'question':
      return renderOutcome(outcome, untrusted);
    case 'refusal':
      return `**No commit:** ${untrusted.statement(describeRefusal(outcome.reason))}\n\n${again}`;
    case 'stopped':
      return `**Stopped:** ${untrusted.statement(outcome.reason)}\n\n${again}`;
    case 'failed':
      return `**Failed:** ${untrusted.statement(outcome.reason)}\n\n${again}`;
  }
}

export function listQuestions(questions: readonly string[], untrusted: UntrustedText): string {
  return questions
    .map((question, index) => {
      const number = `${index + 1}. `;
      return `${number}${untrusted.statement(question, ' '.repeat(number.length))}`;
    })
    .join('\n');
}

function listReasons(reasons: readonly string[], untrusted: UntrustedText): string {
  return reasons.map((reason) => `- ${untrusted.line(reason)}`).join('\n');
}
