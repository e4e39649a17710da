import { findVisible, type PlacedNode, parseMarkdown, places } from '../text/sanitize.js';

/** Tells which parts of a comment are the author's own words, as opposed to quotes and code. */
export interface PlainText {
  /** Returns whether the character at the offset `place` belongs to the author's own words. */
  isPlain(place: number): boolean;
  /** Returns the text from the offset `from` to the end, without block quotes. */
  withoutQuotes(from: number): string;
}

/**
 * Only text inside these Markdown blocks can be the author's own words. Markdown makes a line directly after
 * a quote or list part of that quote or list, but authors usually mean the line as normal text. The pattern
 * therefore includes quotes and lists.
 */
const plainBlocks = /^(?:root|paragraph|heading|blockquote|list|listItem)$/;
/** HTML elements that quote, fold, strike through or hide their content. */
const quotingElements =
  /^(?:pre|code|samp|kbd|tt|xmp|blockquote|q|del|s|strike|details|template|rp|video|svg|math)$/;
const formula = /\$\$[\s\S]+?\$\$/g;

/**
 * Finds the author's own words in a comment. Excludes quotes, code, links, formulas, footnotes, tables,
 * struck-through text and hidden text.
 * @param text the result of `readablePart`, with '\n' between lines
 * @returns null if the text cannot be parsed in a reasonable time
 */
export function findPlainText(text: string): PlainText | null {
  const nodes = parseMarkdown(text);
  if (!nodes) return null;
  const found = findVisible(text, nodes, quotingElements);
  const isInPlainBlock = ({ parent }: PlacedNode): boolean =>
    !parent || (plainBlocks.test(parent.node.type) && isInPlainBlock(parent));
  const plain = new Uint8Array(text.length);
  for (const placed of nodes)
    if (placed.node.type === 'text' && isInPlainBlock(placed)) plain.fill(1, placed.start, placed.end);
  for (const { 0: source, index } of text.matchAll(formula)) plain.fill(0, index, index + source.length);
  return {
    isPlain: (place) => {
      // GitHub shows the text after an unclosed `<!--`. Still, do not treat this text as the author's own
      // words, because the author believes that it is hidden.
      const opens = text.lastIndexOf('<!--', place);
      const isOpen = opens >= 0 && found[opens] === places.text && !text.slice(opens, place).includes('-->');
      return plain[place] === 1 && found[place] === places.text && !isOpen;
    },
    withoutQuotes: (from) => {
      let rest = '';
      let at = from;
      for (const { node, start, end } of nodes) {
        if (node.type !== 'blockquote' || start < at) continue;
        rest += text.slice(at, start);
        at = end;
      }
      return rest + text.slice(at);
    },
  };
}
