/** People's text as an agent may see it: what nobody can see on GitHub is taken out, and said. */
export interface SanitisedText {
  text: string;
  /** What was taken out, in words, each kind once. */
  hidden: string[];
}

/** Zero-width and directional characters, variation selectors, tag characters, fillers, and controls but tab and newline. */
const invisible = new RegExp(
  `[${[
    '\\u00AD\\u061C\\u115F\\u1160\\u200B\\u200C\\u200E\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\uFFF0-\\uFFFB',
    '\\u034F\\u17B4\\u17B5\\u180B-\\u180F\\uFE00-\\uFE0E\\u{1D173}-\\u{1D17A}\\u{E0000}-\\u{E0FFF}',
    '\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F',
  ].join('')}]`,
  'gu',
);

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/**
 * Entities are decoded first, so that nothing hides behind them, then comments and invisible characters go. Doing it
 * twice changes nothing more.
 * @param maxLength in characters; what is cut is said in the text
 */
export function sanitiseText(raw: string, maxLength: number): SanitisedText {
  const hidden = new Set<string>();
  const take = (text: string, pattern: RegExp, kind: string, by: string | ((found: string) => string) = '') =>
    text.replace(pattern, (found: string) => {
      const instead = typeof by === 'string' ? by : by(found);
      if (instead !== found) hidden.add(kind);
      return instead;
    });

  // Bounded before anything else looks at it: a megabyte of markup is not worth a second of anyone's time.
  let text = raw
    .slice(0, maxLength * 4)
    .replace(/\r\n?/g, '\n')
    .toWellFormed();
  for (let before = ''; before !== text; ) {
    before = text;
    text = decodeEntities(text);
    // An unclosed comment hides the rest on GitHub.
    text = take(text, /<!--[\s\S]*?(?:--!?>|$)/g, 'an HTML comment');
    text = take(text, /<[!?][^>]*>/g, 'a hidden declaration');
    text = take(
      text,
      /^[ \t]{0,3}\[[^\]\n]*\]:[ \t]*(?:<>|#|\/\/)?[ \t]*(?:"[^"\n]*"|'[^'\n]*'|\([^)\n]*\))[ \t]*$/gm,
      'a reference-style comment',
    );
    // A tag shows what is between it and its end; what it carries in attributes, nobody sees.
    text = take(text, /<([a-z][\w-]*)(\s[^<>]*?)(\/?)>/gi, 'hidden attributes', (found) =>
      found.replace(/^<([a-z][\w-]*)\s[\s\S]*?(\/?)>$/i, '<$1$2>'),
    );
    text = take(
      text,
      /!\[([^\]\n]{0,2000})\]\([^)\n]*\)/g,
      'the address of an image',
      (found) => `[image: ${/^!\[([^\]]*)\]/.exec(found)?.[1] ?? ''}]`,
    );
    text = take(text, invisible, 'invisible characters');
  }
  text = text
    .split('\n')
    .map((line) => (line.length > 5000 ? `${line.slice(0, 5000)} [line cut]` : line))
    .join('\n');
  if (text.length > maxLength || raw.length > maxLength * 4) {
    const note = `\n[cut here: the text has ${raw.length} characters]`;
    if (!text.endsWith(note)) text = text.slice(0, maxLength).toWellFormed() + note;
    hidden.add('the end of a long text');
  }
  return { text: text.trim(), hidden: [...hidden] };
}

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (found, decimal, hex, name) => {
    if (name) return named[String(name).toLowerCase()] ?? found;
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    const surrogate = code >= 0xd800 && code <= 0xdfff;
    return code > 0 && code <= 0x10ffff && !surrogate ? String.fromCodePoint(code) : '';
  });
}
