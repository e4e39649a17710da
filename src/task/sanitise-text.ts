import { splitCode } from './split-code.js';

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
 * Entities are decoded first, so that nothing hides behind them, then comments and invisible characters go. In fenced
 * code, where people see every character, only invisible ones go. Doing it twice changes nothing more.
 * @param maxLength in characters; what is cut is said in the text
 */
export function sanitiseText(raw: string, maxLength: number): SanitisedText {
  const hidden = new Set<string>();
  // Bounded before anything else looks at it: a megabyte of markup is not worth a second of anyone's time.
  let text = raw
    .slice(0, maxLength * 4)
    .replace(/\r\n?/g, '\n')
    .toWellFormed();
  for (let before = ''; before !== text; ) {
    before = text;
    text = splitCode(text)
      .map((stretch) => takeOut(stretch.code ? invisibleOnly : everything, stretch.text, hidden))
      .join('');
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

interface Rule {
  /** Linear in the text's length, whatever it holds: people choose it. */
  pattern: RegExp | Span;
  /** In words; null: nothing is lost by it. */
  kind: string | null;
  instead: (found: string) => string;
}

/** From a text to what closes it. */
interface Span {
  open: string;
  close: RegExp;
  /** What is never closed reaches to the end. */
  toEnd: boolean;
}

const nothing = () => '';
const invisibleOnly: Rule[] = [{ pattern: invisible, kind: 'invisible characters', instead: nothing }];
const everything: Rule[] = [
  { pattern: /&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,6});/gi, kind: null, instead: decodeEntity },
  // An unclosed comment hides the rest on GitHub.
  {
    pattern: { open: '<!--', close: /--!?>/g, toEnd: true },
    kind: 'an HTML comment',
    instead: nothing,
  },
  { pattern: { open: '<?', close: /\?>/g, toEnd: false }, kind: 'a hidden declaration', instead: nothing },
  { pattern: { open: '<!', close: />/g, toEnd: false }, kind: 'a hidden declaration', instead: nothing },
  {
    pattern: /^[ \t]{0,3}\[[^\]\n]*\]:[ \t]*(?:<>|#|\/\/)?[ \t]*(?:"[^"\n]*"|'[^'\n]*'|\([^)\n]*\))[ \t]*$/gm,
    kind: 'a reference-style comment',
    instead: nothing,
  },
  {
    // A tag shows what is between it and its end; what it carries in attributes, nobody sees.
    pattern: /<([a-z][\w-]*)(\s[^<>]*?)(\/?)>/gi,
    kind: 'hidden attributes',
    instead: (found) => found.replace(/^<([a-z][\w-]*)\s[\s\S]*?(\/?)>$/i, '<$1$2>'),
  },
  {
    pattern: /!\[([^[\]\n]{0,2000})\]\([^()\n]*\)/g,
    kind: 'the address of an image',
    instead: (found) => `[image: ${/^!\[([^\]]*)\]/.exec(found)?.[1] ?? ''}]`,
  },
  ...invisibleOnly,
];

function takeOut(rules: readonly Rule[], text: string, hidden: Set<string>): string {
  return rules.reduce(
    (left, { pattern, kind, instead }) =>
      replaceAll(left, pattern, (found) => {
        const shown = instead(found);
        if (kind && shown !== found) hidden.add(kind);
        return shown;
      }),
    text,
  );
}

function replaceAll(text: string, pattern: RegExp | Span, by: (found: string) => string): string {
  if (pattern instanceof RegExp) return text.replace(pattern, by);
  let result = '';
  let from = 0;
  for (let at = text.indexOf(pattern.open); at >= 0; at = text.indexOf(pattern.open, from)) {
    pattern.close.lastIndex = at + 2;
    const found = pattern.close.test(text);
    if (!found && !pattern.toEnd) break;
    const end = found ? pattern.close.lastIndex : text.length;
    result += text.slice(from, at) + by(text.slice(at, end));
    from = end;
  }
  return result + text.slice(from);
}

function decodeEntity(entity: string): string {
  const [, decimal, hex, name] = /^&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));$/i.exec(entity) ?? [];
  if (name) return named[name.toLowerCase()] ?? entity;
  const code = decimal ? Number(decimal) : Number.parseInt(hex ?? '', 16);
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  return code > 0 && code <= 0x10ffff && !surrogate ? String.fromCodePoint(code) : '';
}
