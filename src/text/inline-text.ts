import { escapeMarkdown } from './escape-markdown.js';

/** A zero-width space. */
const gap = '\u200B';

/**
 * Returns a text of a model or a program without anything that GitHub, git or a terminal would act on:
 * mentions, closing keywords, references to other repositories, raw HTML, remote images, commands,
 * suggestions, trailers and escape sequences. It treats code like other text, so that fences cannot get
 * around it. A second call changes nothing.
 *
 * It keeps headings and fences. For text that goes into Markdown, use the other functions, which also stop it
 * from changing the text around it.
 * @param maxLength in characters; a note replaces the part that is cut off
 */
export function plainText(text: string, maxLength: number): string {
  const escaped = escapeMarkdown(text).trim();
  if (escaped.length <= maxLength) return escaped;
  return `${escaped.slice(0, maxLength - 20).toWellFormed()}\n${gap}[cut here]`;
}

/** Returns one line for a place that GitHub does not render as Markdown: a title, the subject of a commit. */
export function oneLine(text: string, maxLength: number): string {
  const line = escapeMarkdown(text.replace(/[\s\u0085]+/g, ' ')).trim();
  if (line.length <= maxLength) return line;
  const kept = line.slice(0, maxLength - 1).toWellFormed();
  return `${kept.trimEnd()}…`;
}

/**
 * Returns one line for a list or a sentence. The line does not begin a block and does not leave a code span
 * open.
 */
export function inlineText(text: string, maxLength: number): string {
  return closeSpans(oneLine(text, maxLength)).replace(/^(?=[#>~=+*|_-]|`{3}|\d{1,9}[.)])/, gap);
}

/** Returns a code span for a name: a test, a path, a command. In a table, a bar would end the cell. */
export function codeSpan(text: string, maxLength = 300): string {
  const line = oneLine(text, maxLength).replaceAll('`', "'");
  return `\`${line || ' '}\``;
}

/** Returns the end of a program's output as a code block that none of its lines can end. */
export function codeBlock(text: string, maxLength: number): string {
  const end = escapeMarkdown(text).trim().slice(-maxLength).toWellFormed();
  return end
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}

/**
 * Turns the backticks of an open code span into apostrophes. Otherwise the span would include the text that
 * follows.
 */
function closeSpans(line: string): string {
  const parts = line.replace(/(?<!\\)\\+(?=`)/g, '').split(/(`+)/);
  const ends = new Map<number, number>();
  const endOf = new Map<number, number>();
  for (let at = parts.length - 2; at > 0; at -= 2) {
    const { length } = parts[at] as string;
    const end = ends.get(length);
    if (end !== undefined) endOf.set(at, end);
    ends.set(length, at);
  }
  for (let at = 1; at < parts.length; at += 2) {
    const end = endOf.get(at);
    if (end === undefined) parts[at] = (parts[at] as string).replaceAll('`', "'");
    else at = end;
  }
  return parts.join('');
}
