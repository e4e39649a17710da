import { escapeMarkdown, gap } from './escape-markdown.js';

/**
 * Takes text written by a model or a program, and disables everything in it that GitHub, git or a terminal
 * would act on. Examples are mentions, closing keywords, raw HTML, remote images, commands, trailers and
 * escape sequences. Text in code blocks is not exempt. The function is idempotent.
 *
 * The result can contain headings and code fences, which could change the text around them in Markdown. For
 * text that goes into Markdown, use the other functions.
 * @param maxLength the limit in characters; a note replaces the part that is cut off
 */
export function plainText(text: string, maxLength: number): string {
  const escaped = escapeMarkdown(text).trim();
  if (escaped.length <= maxLength) return escaped;
  return `${escaped.slice(0, maxLength - 20).toWellFormed()}\n${gap}[cut here]`;
}

/**
 * Turns a text into one line for a place that GitHub does not render as Markdown, such as a title or the
 * subject of a commit.
 */
export function oneLine(text: string, maxLength: number): string {
  const line = escapeMarkdown(text.replace(/[\s\u0085]+/g, ' ')).trim();
  if (line.length <= maxLength) return line;
  const kept = line.slice(0, maxLength - 1).toWellFormed();
  return `${kept.trimEnd()}…`;
}

/**
 * Turns a text into one line for a list item or a sentence. The line cannot begin a Markdown block or leave a
 * code span open.
 */
export function inlineText(text: string, maxLength: number): string {
  return closeSpans(oneLine(text, maxLength)).replace(/^(?=[#>~=+*|_-]|`{3}|\d{1,9}[.)])/, gap);
}

/**
 * Returns a code span for a name, such as a test, a path or a command. Do not use it in a table, where a `|`
 * in the name would end the cell.
 */
export function codeSpan(text: string, maxLength = 300): string {
  const line = oneLine(text, maxLength).replaceAll('`', "'");
  return `\`${line || ' '}\``;
}

/**
 * Returns the end of a program's output as an indented code block. No line of the output can end the block.
 */
export function codeBlock(text: string, maxLength: number): string {
  const end = escapeMarkdown(text).trim().slice(-maxLength).toWellFormed();
  return end
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}

/**
 * Turns the backticks of an unclosed code span into apostrophes. Otherwise, the span would include the text
 * that follows.
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
