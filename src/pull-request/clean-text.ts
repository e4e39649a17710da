/** Breaks what GitHub would act on, and nothing that people read: a zero-width space. */
const gap = '\u200B';

/** Invisible and directional characters, and controls but tab and newline: text that shows otherwise than it is. */
const deceptive =
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFEFF\u{E0000}-\u{E0FFF}]/gu;

const closingKeyword =
  /\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?)(?=\s{0,20}:?\s{1,20}(?:[\w./-]*#\d|gh-\d|https?:\/\/))/gi;

/** What GitHub, git or other bots act on, and where it is broken. Each linear in the text's length. */
const acting: [pattern: RegExp, broken: string | ((found: string) => string)][] = [
  // Mentions of people and teams, commands to other bots, commits of other repositories.
  [/@(?=[A-Za-z0-9])/g, `@${gap}`],
  [/&(?=#|(?!amp;)[a-z]+;)/gi, '&amp;'],
  [closingKeyword, (word) => `${word[0]}${gap}${word.slice(1)}`],
  // Issues of other repositories, which would be told of it: owner/name#1, owner#1, GH-1, addresses.
  [/(?<=[\w.-])#(?=\d)/g, `#${gap}`],
  [/\bGH-(?=\d)/gi, (found) => found + gap],
  [
    /(?:https?:\/\/|www\.)\S+/gi,
    (url) => url.replace(/\/(?:issues|pulls?|discussions|commits?|compare)\/(?=\w)/gi, (part) => part + gap),
  ],
  [/<(?=[A-Za-z/!?])/g, `<${gap}`],
  [/!(?=\[)/g, `!${gap}`],
  [/^[^\S\n]*\/(?=[a-z])/gim, (found) => found + gap],
  [/^[ \t>*+-]*(?:`{3,}|~{3,})[ \t]*(?=suggestion)/gim, (found) => found + gap],
  // In a commit's message, which a pull request's title and body may become: who wrote it, and that nothing is to be checked.
  [/^[ \t]*[a-z](?=[a-z]*(?:-[a-z]+)*-by[ \t]*:)/gim, (found) => found + gap],
  [/\bs(?=kip-checks[ \t]*:)/gi, (found) => found + gap],
  [/\[(?=[^\][\n]{0,40}\b(?:skip|no)\b[^\][\n]{0,40}\])/gi, `[${gap}`],
  [/\*{3}(?=NO_CI)/gi, `***${gap}`],
];

/**
 * A model's or a program's words as they may stand in what the bot writes: no mention, no closing keyword, no reference to another
 * repository's issues, no raw HTML, no remote image, no command, no suggestion, no trailer, no escape. The same inside of code and
 * outside, so that no trick with fences matters. Credentials are withheld before (findSecrets). Doing it twice changes nothing more.
 */
export function cleanText(text: string, maxLength: number): string {
  const plain = text
    .replace(/\r\n?/g, '\n')
    .replace(/\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?)/g, '')
    .replace(deceptive, '');
  const neutral = acting
    .reduce((left, [pattern, broken]) => left.replace(pattern, broken as string), plain)
    .toWellFormed()
    .trim();
  return neutral.length <= maxLength
    ? neutral
    : `${neutral.slice(0, maxLength - 20).toWellFormed()}\n[cut here]`;
}

/** One line of it, for lists and table cells. */
export function cleanLine(text: string, maxLength: number): string {
  return oneLine(text, maxLength).replaceAll('|', '\\|');
}

/** One line where Markdown does not count: a title, a commit's subject. */
export function oneLine(text: string, maxLength: number): string {
  const line = cleanText(text.replace(/\s+/g, ' '), Number.MAX_SAFE_INTEGER);
  return line.length <= maxLength
    ? line
    : `${line
        .slice(0, maxLength - 1)
        .toWellFormed()
        .trimEnd()}…`;
}

/** A name in a code span: test ids, paths, commands. Not for tables, where a bar would end the cell. */
export function codeSpan(text: string, maxLength = 300): string {
  const line = oneLine(text, maxLength).replaceAll('`', "'");
  return `\`${line || ' '}\``;
}

/** What a program printed, as a block that none of its lines can end. */
export function codeBlock(text: string, maxLength: number): string {
  const lines = cleanText(text, Number.MAX_SAFE_INTEGER).slice(-maxLength).toWellFormed().split('\n');
  return lines.map((line) => `    ${line}`).join('\n');
}
