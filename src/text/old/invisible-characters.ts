/** Formats, controls but tab and newline, private and unassigned ones, fillers, variation selectors, blanks that are none. */
const invisible =
  /(?![\t\n]|\u200C|\u200D|\uFE0F|\p{Extended_Pictographic})[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\uFFFC\u{1D159}]/gu;

/**
 * Joiners and the emoji's selector, where they do nothing that people see. They do between the parts of an emoji, beside the
 * sign that takes a vowel away in Indic scripts, and between letters of scripts that are written joined.
 */
const virama =
  '\\u094D\\u09CD\\u0A4D\\u0ACD\\u0B4D\\u0BCD\\u0C4D\\u0CCD\\u0D4D\\u0DCA\\u0F84\\u1039\\u103A\\u17D2\\u1A60\\u1B44';
const joined = '[\\p{sc=Arabic}\\p{sc=Syriac}\\p{sc=Mandaic}\\p{sc=Nko}\\p{sc=Mongolian}]';
const idle = [
  `(?<!\\p{Extended_Pictographic}|[0-9#*](?=\\uFE0F\\u20E3))\\uFE0F`,
  `(?<![${virama}]|(?:\\p{Extended_Pictographic}|\\p{EMod})\\uFE0F?(?=\\u200D\\p{Extended_Pictographic})|${joined}(?!\\u200D${joined}))\\u200D(?![${virama}])`,
  `(?<![${virama}]|${joined}(?=\\u200C${joined}))\\u200C`,
].map((source) => new RegExp(source, 'gu'));

/** Takes out the characters of a text that nobody can see. Doing it twice changes nothing more. */
export function removeInvisible(text: string): string {
  return idle.reduce((left, pattern) => left.replace(pattern, ''), text.replace(invisible, ''));
}
