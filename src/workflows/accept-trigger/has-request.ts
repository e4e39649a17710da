import type { ReadReview } from '../../github/reviews.js';
import { isPraise } from '../../task/is-praise.js';

/**
 * Returns whether a review asks for anything. In doubt, the answer is yes. Word lists decide this instead of
 * a model, so a review that only praises costs nothing.
 */
export function hasRequest({
  state,
  body,
  threads,
}: Pick<ReadReview, 'state' | 'body' | 'threads'>): boolean {
  if (state === 'dismissed') return false;
  const said = threads.flatMap(({ comments }) =>
    comments.filter(({ inReview }) => inReview).map((one) => one.body),
  );
  if (state === 'changes_requested' && [body, ...said].some((text) => text.trim() !== '')) return true;
  return [body, ...said].some((text) => !isPraise(text));
}
