import type { ReadReview } from '../../github/read-review.js';

/** Words that only say that somebody is content; none of them tells anybody to do something. */
const praise = new Set(
  `nice nicely great good cool awesome neat perfect perfectly excellent lovely love it this that is looks to me lgtm well done
  thanks thank you thx ty very much so really all wow amazing fantastic brilliant beautiful works
  ok okay yes yep agreed agree sure approved approve for the a`.split(/\s+/),
);

const kind = '(?:nice|great|good|cool|awesome|neat|perfect|excellent|lovely|amazing|fantastic|brilliant)';
/** Words that praise in these turns, and ask for something elsewhere: `nice catch`, but `catch this`. */
const turns = new RegExp(
  [
    `\\b${kind} +(?:job|work|catch|fix|idea|point|one)\\b`,
    `\\b(?:thanks|thank +you|thx|ty)(?: +(?:so|very) +much)? +for +(?:the|this|that|your|all +the)(?: +${kind})? +(?:fix|work|job|catch|idea)\\b`,
    '\\b(?:looks|very|so|nice +and) +clean\\b',
    '\\bship +it\\b',
  ].join('|'),
  'g',
);

/** What GitHub offers as a kind reaction, and its like; as characters and by their names. */
const kindSymbols = new Set(
  '👍 🎉 ❤ 🚀 😄 😀 😃 😁 😊 🙂 😍 🤩 🥳 🙏 🙌 👏 👌 💯 💪 ✅ ✔ ✨ 🔥 ⭐ 🌟 🎊 🏆 🚢 💚 💙 💜'.split(' '),
);
const kindNames = new Set(
  `+1 thumbsup tada heart rocket smile smiley grin blush heart_eyes star_struck partying_face pray raised_hands clap
  ok_hand 100 muscle white_check_mark heavy_check_mark sparkles fire star star2 trophy ship`.split(/\s+/),
);
/** Skin colours, and what only joins or presents. */
const modifiers = /[\u{1F3FB}-\u{1F3FF}]|\u200D|\uFE0E|\uFE0F/gu;

/**
 * Whether a review asks for anything: what only praises, approves or says nothing costs nothing. Decided by words, not by
 * a model; in doubt it asks.
 */
export function hasRequest({
  state,
  body,
  threads,
}: Pick<ReadReview, 'state' | 'body' | 'threads'>): boolean {
  if (state === 'dismissed') return false;
  const said = threads.flatMap(({ comments }) => comments.filter(({ ours }) => ours).map((one) => one.body));
  if (state === 'changes_requested' && [body, ...said].some((text) => text.trim() !== '')) return true;
  return [body, ...said].some((text) => !isPraise(text));
}

function isPraise(text: string): boolean {
  // A question asks, however kind its words are.
  if (text.includes('?')) return false;
  const names = [...text.matchAll(/:([\w+-]+):/g)].map(([, name = '']) => name.toLowerCase());
  const symbols = text.replace(modifiers, '').match(/[\p{So}\p{Extended_Pictographic}]/gu) ?? [];
  const words = text
    .toLowerCase()
    .replace(/:[\w+-]+:/g, ' ')
    .replace(turns, ' ')
    .match(/[\p{L}\p{N}+'’-]+/gu);
  return (
    names.every((name) => kindNames.has(name)) &&
    symbols.every((symbol) => kindSymbols.has(symbol)) &&
    (words ?? []).every((word) => praise.has(word) || /^\+\d+$/.test(word))
  );
}
