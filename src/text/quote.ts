import { inlineText, plainText } from './inline-text.js';

const beginsBlock =
  /^[ \t]*(?:[#>|]|`{3}|~{3}|[-*+][ \t]|\d{1,9}[.)][ \t]|[-=*_]{3,}[ \t]*$)|^(?:\t| {4})|^[ \t]*$/;

/**
 * Returns a whole text as a Markdown quote. A block that begins in the text cannot extend beyond the quote.
 */
export function quote(text: string, maxLength: number): string {
  return quoteLines(plainText(text, maxLength));
}

/**
 * Formats a text that follows a label. The first paragraph goes on the label's line. The rest goes into a
 * quote below the label.
 * @param indent the indentation of the list item that contains the label
 */
export function statement(text: string, maxLength: number, indent = ''): string {
  const lines = plainText(text, maxLength).split('\n');
  const blockAt = lines.findIndex((line) => beginsBlock.test(line));
  const line = inlineText(lines.slice(0, blockAt < 0 ? lines.length : blockAt).join(' '), maxLength);
  if (blockAt < 0 || lines.join('') === '') return line;
  const rest = quoteLines(lines.slice(blockAt).join('\n').replace(/^\n+/, ''))
    .split('\n')
    .join(`\n${indent}`);
  if (line === '' && indent !== '') return rest;
  return `${line}\n\n${indent}${rest}`;
}

function quoteLines(escaped: string): string {
  return lowerHeadings(escaped.replace(/\n(?:[ \t]*\n){2,}/g, '\n\n'))
    .split('\n')
    .map((line) => (line ? `> ${line}` : '>'))
    .join('\n');
}

/**
 * Turns the headings of a quoted text into bold lines. This way, only the bot's own text has headings. A `#`
 * in a code block stays as it is.
 */
function lowerHeadings(text: string): string {
  let fence = '';
  let last = '';
  return text
    .split('\n')
    .map((line) => {
      const mark = /^[ \t>]*(`{3,}|~{3,})/.exec(line)?.[1] ?? '';
      if (fence) {
        if (mark.startsWith(fence) && line.trim() === mark) fence = '';
        return line;
      }
      fence = mark;
      const underlined = last;
      last = line.trim();
      const [, before = '', heading] = /^([ \t>*+.)\d-]*(?<![^ \t>]))#{1,6}[ \t]+(.+)$/.exec(line) ?? [];
      if (heading !== undefined) return `${before}**${heading.trim()}**`;
      return underlined !== '' && /^[ \t>]*(?:=+|-+)[ \t]*$/.test(line) ? '' : line;
    })
    .join('\n');
}
