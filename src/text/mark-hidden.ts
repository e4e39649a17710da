const invisible =
  '(?![\\t\\n]|\\p{Extended_Pictographic})[\\p{Cc}\\p{Cf}\\p{Cn}\\p{Co}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\u2800\\uFFFC\\u{1D159}]';
const visible = '(?![\\0-\\x7F])[\\p{L}\\p{M}\\p{N}\\p{Extended_Pictographic}\\p{EMod}]';
/** Invisible characters to keep: joiners of letters and emoji, variation selectors of emoji, flag tags. */
const useful = [
  `(?<=${visible}\\uFE0F?)[\\u200C\\u200D](?=${visible})`,
  '(?<=\\p{Extended_Pictographic}|[0-9#*](?=.\\u20E3))[\\uFE0E\\uFE0F]',
  '(?<=\\u{1F3F4})\\u{E0067}\\u{E0062}[\\u{E0061}-\\u{E007A}]{3}\\u{E007F}',
];
const runs = new RegExp(`(${useful.join('|')})|(?:${invisible})+`, 'gu');

/** The URL of an image that GitHub stores. It contains no words, so it cannot hide instructions. */
export const attachment =
  'https://(?:github\\.com/user-attachments/assets|user-images\\.githubusercontent\\.com)/[\\da-f/-]{1,60}(?:\\.\\w{3,4})?';
export const hiddenMark = /(\[hidden text removed, \d+ characters?\])/g;

/** Returns the mark that replaces a hidden part of a text. */
export function markHidden(part: string): string {
  const { length } = [...part];
  return `[hidden text removed, ${length} character${length === 1 ? '' : 's'}]`;
}

/** Removes invisible characters. A mark replaces long sequences, tag characters and changes of direction. */
export function removeInvisible(text: string): string {
  return text.replace(runs, (run: string, kept?: string) => {
    if (kept !== undefined) return kept;
    if (/^[\u0085\u2028\u2029]+$/.test(run)) return ' ';
    const isLong = [...run.replace(/\p{Cc}/gu, '')].length > 3;
    return isLong || /[\u202A-\u202E\u{E0000}-\u{E007F}]/u.test(run) ? markHidden(run) : '';
  });
}
