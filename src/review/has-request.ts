import type { ReadReview } from './read-feedback.js';

/** Words that only say that somebody is content. What has any other word may ask for something. */
const praise = new Set(
  `nice great good cool awesome neat perfect excellent lovely love it this that is looks look to me lgtm ship well done
  thanks thank you thx ty very much so really all work job one catch idea point wow amazing fantastic brilliant clean
  ok okay yes yep agreed agree sure approved approve for the fix a`.split(/\s+/),
);

/**
 * Whether a review asks for anything: what only praises, approves or says nothing costs nothing. Decided by words, not by
 * a model; in doubt it asks.
 */
export function hasRequest({ state, body, threads }: ReadReview): boolean {
  if (state === 'dismissed') return false;
  const said = threads.flatMap(({ comments }) => comments.filter(({ ours }) => ours).map((one) => one.body));
  if (state === 'changes_requested' && [body, ...said].some((text) => text.trim() !== '')) return true;
  return [body, ...said].some((text) => !isPraise(text));
}

function isPraise(text: string): boolean {
  const words = text
    .toLowerCase()
    .replace(/:\w+:/g, ' ')
    .match(/[\p{L}\p{N}+'’-]+/gu);
  // A question asks, however kind its words are.
  return !text.includes('?') && (words ?? []).every((word) => praise.has(word) || /^\+\d+$/.test(word));
}
