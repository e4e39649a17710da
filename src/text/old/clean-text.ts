import { neutralise } from './neutralise.js';

/** What cannot be seen, and parts what would act otherwise. */
const gap = '\u200B';

/**
 * A model's or a program's words in which nothing acts: no mention, no closing keyword, no reference to another repository's issues, no
 * raw HTML, no remote image, no command, no suggestion, no trailer, no escape. The same inside of code and outside, so that no trick with
 * fences matters. Doing it twice changes nothing more. Where Markdown counts, it still has headings and fences: only `quoted`,
 * `said`, `cleanLine`, `codeSpan` and `codeBlock` keep these from what stands around them.
 */
export function cleanText(text: string, maxLength: number): string {
  const neutral = neutralise(text).trim();
  return neutral.length <= maxLength
    ? neutral
    : `${neutral.slice(0, maxLength - 20).toWellFormed()}\n${gap}[cut here]`;
}

/** One line where Markdown does not count: a title, a commit's subject. */
export function oneLine(text: string, maxLength: number): string {
  const line = cleanText(text.replace(/[\s\u0085]+/g, ' '), Number.MAX_SAFE_INTEGER);
  return line.length <= maxLength
    ? line
    : `${line
        .slice(0, maxLength - 1)
        .toWellFormed()
        .trimEnd()}…`;
}

/** One line of it, for lists and sentences: it begins no block, and leaves no code span open. */
export function cleanLine(text: string, maxLength: number): string {
  return closeSpans(oneLine(text, maxLength)).replace(/^(?=[#>~=+*|_-]|`{3}|\d{1,9}[.)])/, gap);
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

/** All of it as a quote: whatever is opened in it, and wherever it was cut, ends with it. */
export function quoted(text: string, maxLength: number): string {
  return quoteLines(cleanText(text, maxLength));
}

const beginsBlock =
  /^[ \t]*(?:[#>|]|`{3}|~{3}|[-*+][ \t]|\d{1,9}[.)][ \t]|[-=*_]{3,}[ \t]*$)|^(?:\t| {4})|^[ \t]*$/;

/**
 * What somebody says, after a word of ours: the first paragraph on the same line, the rest below it as a quote.
 * @param indent of the list's item that it stands in
 */
export function said(text: string, maxLength: number, indent = ''): string {
  const lines = cleanText(text, maxLength).split('\n');
  const blockAt = lines.findIndex((line) => beginsBlock.test(line));
  const line = cleanLine(lines.slice(0, blockAt < 0 ? lines.length : blockAt).join(' '), maxLength);
  if (blockAt < 0 || lines.join('') === '') return line;
  const rest = quoteLines(lines.slice(blockAt).join('\n').replace(/^\n+/, ''))
    .split('\n')
    .join(`\n${indent}`);
  if (line === '' && indent !== '') return rest;
  return `${line}\n\n${indent}${rest}`;
}

function quoteLines(clean: string): string {
  return lowerHeadings(clean.replace(/\n(?:[ \t]*\n){2,}/g, '\n\n'))
    .split('\n')
    .map((line) => (line ? `> ${line}` : '>'))
    .join('\n');
}

/** Headings are ours: those of a text become bold lines. What looks like one in code stays. */
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

/** A code span that is left open would take in what follows: its marks become apostrophes. */
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
