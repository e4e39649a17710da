/** Words of praise. None of these words is an instruction on its own. */
const praise = new Set(
  `nice nicely great good cool awesome neat perfect perfectly excellent lovely love it this that is looks to me lgtm well done
  thanks thank you thx ty very much so really all wow amazing fantastic brilliant beautiful works
  ok okay yes yep agreed agree sure approved approve for the a`.split(/\s+/),
);

const kind = '(?:nice|great|good|cool|awesome|neat|perfect|excellent|lovely|amazing|fantastic|brilliant)';
/**
 * Phrases of praise that contain words which can be instructions. For example, `nice catch` is praise, but
 * `catch this` is an instruction.
 */
const phrases = new RegExp(
  [
    `\\b${kind} +(?:job|work|catch|fix|idea|point|one)\\b`,
    `\\b(?:thanks|thank +you|thx|ty)(?: +(?:so|very) +much)? +for +(?:the|this|that|your|all +the)(?: +${kind})? +(?:fix|work|job|catch|idea)\\b`,
    '\\b(?:looks|very|so|nice +and) +clean\\b',
    '\\bship +it\\b',
  ].join('|'),
  'g',
);

/** Friendly emoji, as characters. `kindNames` lists friendly emoji by GitHub's names, such as `tada`. */
const kindSymbols = new Set(
  '👍 🎉 ❤ 🚀 😄 😀 😃 😁 😊 🙂 😍 🤩 🥳 🙏 🙌 👏 👌 💯 💪 ✅ ✔ ✨ 🔥 ⭐ 🌟 🎊 🏆 🚢 💚 💙 💜'.split(' '),
);
const kindNames = new Set(
  `+1 thumbsup tada heart rocket smile smiley grin blush heart_eyes star_struck partying_face pray raised_hands clap
  ok_hand 100 muscle white_check_mark heavy_check_mark sparkles fire star star2 trophy ship`.split(/\s+/),
);
/** Skin tones, joiners and variation selectors, which only change how an emoji looks. */
const modifiers = /[\u{1F3FB}-\u{1F3FF}]|\u200D|\uFE0E|\uFE0F/gu;

/** Returns whether a text only thanks or praises. */
export function isPraise(text: string): boolean {
  // Treat every question as a request, even if it contains only thanks or praise.
  if (text.includes('?')) return false;
  const names = [...text.matchAll(/:([\w+-]+):/g)].map(([, name = '']) => name.toLowerCase());
  const symbols = text.replace(modifiers, '').match(/[\p{So}\p{Extended_Pictographic}]/gu) ?? [];
  const words = text
    .toLowerCase()
    .replace(/:[\w+-]+:/g, ' ')
    .replace(phrases, ' ')
    .match(/[\p{L}\p{N}+'’-]+/gu);
  return (
    names.every((name) => kindNames.has(name)) &&
    symbols.every((symbol) => kindSymbols.has(symbol)) &&
    (words ?? []).every((word) => praise.has(word) || /^\+\d+$/.test(word))
  );
}
