import { parse, postprocess, preprocess } from 'micromark';
import { gfmAutolinkLiteral } from 'micromark-extension-gfm-autolink-literal';
import { gfmFootnote } from 'micromark-extension-gfm-footnote';
import { gfmTable } from 'micromark-extension-gfm-table';

/** A piece of Markdown as micromark names it (`link`, `htmlText`, `codeFenced`), and where it stands in the text. */
export interface MarkdownNode {
  type: string;
  start: number;
  end: number;
  parent: MarkdownNode | null;
  children: MarkdownNode[];
}

/** GitHub takes no longer text; beyond it nothing is read. */
export const maxReadCharacters = 65_536;
const maxReadLines = 2000;
/** The parser's time grows with the square of a paragraph's brackets, and with lines times depth; a footnote costs a look ahead. */
const maxBrackets = 1000;
const maxFootnotes = 300;
const maxMarksOfLine = 200;
const maxCellsOfLine = 1000;
const maxLinesTimesDepth = 200_000;

/** Emphasis hides nothing, and is what takes longest. */
const extensions = [gfmTable(), gfmFootnote(), gfmAutolinkLiteral(), { disable: { null: ['attention'] } }];
const withoutLinks = [
  ...extensions,
  {
    disable: {
      null: ['labelStartLink', 'labelStartImage', 'labelEnd', 'gfmFootnoteCall', 'gfmPotentialFootnoteCall'],
    },
  },
];

/** As much of the beginning of a text as `readMarkdown` reads. */
export function readablePart(text: string): string {
  const part = text.slice(0, maxReadCharacters);
  let end = -1;
  for (let lines = 0; lines < maxReadLines; lines++) {
    end = part.indexOf('\n', end + 1);
    if (end < 0) return part;
  }
  return part.slice(0, end);
}

/**
 * Reads Markdown as GitHub does. Not in the tree: emphasis, task lists.
 * @param text with '\n' between lines; a longer one than `readablePart` leaves is not to be given
 * @returns every node in the order of the text; null when it is built to take long, and was not read
 */
export function readMarkdown(text: string): MarkdownNode[] | null {
  if (isTooDeep(text)) return null;
  if (hasManyBrackets(text)) {
    const blocks = parseNodes(text, withoutLinks);
    const footnotes = blocks.filter(({ type }) => type === 'gfmFootnoteDefinition').length;
    if (footnotes > maxFootnotes || blocks.some((block) => isBracketed(block, text))) return null;
  }
  return parseNodes(text, extensions);
}

/** The node, and what it stands in. */
export function isWithin(node: MarkdownNode, types: ReadonlySet<string>): boolean {
  for (let one: MarkdownNode | null = node; one; one = one.parent) if (types.has(one.type)) return true;
  return false;
}

function parseNodes(text: string, by: typeof extensions): MarkdownNode[] {
  const nodes: MarkdownNode[] = [];
  let parent = null as MarkdownNode | null;
  const events = postprocess(
    parse({ extensions: by })
      .document()
      .write(preprocess()(text, 'utf8', true)),
  );
  for (const [kind, { type, start, end }] of events) {
    if (kind === 'exit') {
      parent = parent?.parent ?? null;
      continue;
    }
    const node: MarkdownNode = { type, start: start.offset, end: end.offset, parent, children: [] };
    parent?.children.push(node);
    nodes.push(node);
    parent = node;
  }
  return nodes;
}

function isTooDeep(text: string): boolean {
  const lines = text.split('\n');
  let deepest = 0;
  for (const line of lines) {
    const marks = /^(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)]|\[\^[^\]\s]+\]:)(?=[ \t]|$)))+/.exec(line)?.[0] ?? '';
    const count = marks.match(/>|[-*+.):](?=[ \t]|$)/g)?.length ?? 0;
    if (count > maxMarksOfLine || line.split('|', maxCellsOfLine + 2).length > maxCellsOfLine + 1)
      return true;
    deepest = Math.max(deepest, count, marks.length / 2);
  }
  return lines.length * deepest > maxLinesTimesDepth;
}

function hasManyBrackets(text: string): boolean {
  return count(text, /\]/g) > maxBrackets || count(text, /\[\^/g) > maxFootnotes;
}

/** Of code the parser asks nothing. */
function isBracketed({ type, start, end }: MarkdownNode, text: string): boolean {
  return /^(?:content|atxHeading|tableRow)$/.test(type) && hasManyBrackets(text.slice(start, end));
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
