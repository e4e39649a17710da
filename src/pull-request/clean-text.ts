/** Breaks what GitHub would act on, and nothing that people read: a zero-width space. */
const gap = '\u200B';

/** Invisible and directional characters, and controls but tab and newline: text that shows otherwise than it is. */
const deceptive =
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFEFF\u{E0000}-\u{E0FFF}]/gu;

const closingKeyword =
  /\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?)(?=\s*:?\s+(?:[\w./-]*#\d|gh-\d|https?:\/\/))/gi;

/**
 * A model's or a program's words as they may stand in what the bot writes: no mention, no closing keyword, no raw HTML,
 * no remote image, no command, no escape. The same inside of code and outside, so that no trick with fences matters.
 * Credentials are withheld before (findSecrets). Doing it twice changes nothing more.
 */
export function cleanText(text: string, maxLength: number): string {
  const neutral = text
    .replace(/\r\n?/g, '\n')
    .replace(/\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?)/g, '')
    .replace(deceptive, '')
    .replace(/@(?=[A-Za-z0-9])/g, `@${gap}`)
    .replace(/&(?=#|[a-z]+;)/gi, '&amp;')
    .replace(closingKeyword, (word) => `${word[0]}${gap}${word.slice(1)}`)
    .replace(/<(?=[A-Za-z/!?])/g, `<${gap}`)
    .replace(/!(?=\[)/g, `!${gap}`)
    .replace(/^(\s*)\/(?=[a-z])/gm, `$1/${gap}`)
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
