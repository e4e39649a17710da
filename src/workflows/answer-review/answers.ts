import { describeRefusal } from '../../messages/refusals.js';
import type { Work } from '../../runs/work.js';
import type { Delivery } from '../run/delivery.js';

/** The result of the agent's work on feedback. */
export interface FeedbackResult extends Delivery {
  /** Null if the run ended before the agent finished. */
  work: Work | null;
}

/** The answer to one review thread or failed check. */
export interface Answer {
  text: string;
  /** True only if the agent made the change and a commit was pushed. */
  done: boolean;
}

/**
 * Returns the agent's answer to a review thread or failed check. If the agent claims a change but nothing was
 * pushed, the answer says so.
 * @param thread the number of the thread or check, starting at 1
 */
export function answerOf({ work, commit, outcome }: FeedbackResult, thread: number): Answer {
  if (outcome.kind === 'question')
    return { text: 'I have a question first. It is in my comment on this pull request.', done: false };
  if (outcome.kind === 'stopped' || outcome.kind === 'failed') return { text: outcome.reason, done: false };
  const answers = work?.outcome.kind === 'submitted' ? work.outcome.submission.answers : [];
  const answer = answers.find((one) => one.thread === thread);
  if (!answer) {
    const reason = outcome.kind === 'refusal' ? ` ${describeRefusal(outcome.reason)}` : '';
    return { text: `The agent did not answer this.${reason}`, done: false };
  }
  return answer.done && commit === null
    ? { text: `The agent reports this as done, but nothing changed: ${answer.text}`, done: false }
    : answer;
}
