import { findVisible, type PlacedNode, parseMarkdown, places } from '../text/sanitize.js';

/** The parts of a comment that its author says, rather than quotes. */
export interface PlainText {
  /** Whether the author says the character at this offset. */
  isPlain(place: number): boolean;
  /** Returns the text from an offset on, without quotes. */
  withoutQuotes(from: number): string;
}

/** A line that continues a quote or a list without its marker usually stands by itself. */
const plainBlocks = /^(?:root|paragraph|heading|blockquote|list|listItem)$/;
/** The content of these elements is quoted, folded, struck through or hidden. */
const quotingElements =
  /^(?:pre|code|samp|kbd|tt|xmp|blockquote|q|del|s|strike|details|template|rp|video|svg|math)$/;
const formula = /\$\$[\s\S]+?\$\$/g;

/**
 * Finds what a comment's author says: not in a quote, code, link, formula, footnote or table, not struck
 * through and not hidden.
 * @param text a `readablePart`, with '\n' between lines
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
      // GitHub shows a comment that nothing closes, but its author believes it to be hidden.
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
