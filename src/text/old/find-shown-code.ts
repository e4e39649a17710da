import type { Cut } from './cut.js';
import { findHiddenInDrawing } from './find-hidden-drawing.js';
import type { MarkdownNode } from './read-markdown.js';

export interface ShownCode {
  /** Where GitHub shows every character as it stands, in the text's order. */
  shown: { start: number; end: number }[];
  /** Blocks that may be HTML to GitHub. */
  doubtfulBlocks: ReadonlySet<MarkdownNode>;
  /** What may be hidden all the same. */
  cuts: Cut[];
}

/**
 * Finds the code of a text. In doubt there is none: what is taken for code is shown to an agent as it stands, so nothing
 * that GitHub hides may be taken for it.
 */
export function findShownCode(text: string, nodes: readonly MarkdownNode[]): ShownCode {
  const shown: MarkdownNode[] = [];
  const doubtfulBlocks = new Set<MarkdownNode>();
  const cuts: Cut[] = [];
  // What looks like a footnote, and is none here, could be one on GitHub, and what is indented in it no code.
  const mayHaveFootnote = /^[ \t>]*\[\^[^\]\n]*\]:/m.test(text);
  const doubtfulTexts = new Map<MarkdownNode, boolean>();
  for (const node of nodes) {
    if (node.type === 'codeIndented') {
      if (!mayHaveFootnote) shown.push(node);
    } else if (node.type === 'codeFenced') {
      if (followsHtml(text, node)) doubtfulBlocks.add(node);
      else {
        shown.push(node);
        cuts.push(...findHiddenInFence(text, node));
      }
    } else if (node.type === 'codeText') {
      if (isDoubtful(text, node, doubtfulTexts)) cuts.push(...findHiddenInSpan(text, node));
      else shown.push(node);
    }
  }
  return { shown, doubtfulBlocks, cuts };
}

const startsWithTag = /^(?:[ \t]*(?:>|[-*+]|\d{1,9}[.)]))*[ \t]*</;
const maxLinesBefore = 200;

/** GitHub knows other names of elements that interrupt a paragraph: a fence in the same breath may be HTML to it. */
function followsHtml(text: string, { start }: MarkdownNode): boolean {
  let lineStart = text.lastIndexOf('\n', start - 1) + 1;
  for (let lines = 0; lineStart > 0; lines++) {
    const before = lineStart > 1 ? text.lastIndexOf('\n', lineStart - 2) + 1 : 0;
    const line = text.slice(before, lineStart - 1);
    if (line.trim() === '') return false;
    if (startsWithTag.test(line) || lines === maxLinesBefore) return true;
    lineStart = before;
  }
  return false;
}

function findHiddenInFence(text: string, fence: MarkdownNode): Cut[] {
  const [opening, closing] = fence.children.filter(({ type }) => type === 'codeFencedFence');
  const info = opening?.children.find(({ type }) => type === 'codeFencedFenceInfo');
  if (!opening || !info) return [];
  const start = Math.min(opening.end + 1, fence.end);
  const source = text.slice(start, Math.max(start, closing ? closing.start - 1 : fence.end));
  return findHiddenInDrawing(text.slice(info.start, info.end).toLowerCase(), source, start);
}

/**
 * Where beside its code a text has signs that GitHub may read in another way (HTML, formulas, cells, escapes, other
 * backticks), or an address runs into the code, its code may not be any.
 */
function isDoubtful(text: string, span: MarkdownNode, known: Map<MarkdownNode, boolean>): boolean {
  const block = span.parent;
  if (!block || !/^(?:paragraph|atxHeadingText|setextHeadingText)$/.test(block.type)) return true;
  let doubtful = known.get(block);
  if (doubtful === undefined) {
    let beside = '';
    let at = block.start;
    for (const child of block.children) {
      if (child.type !== 'codeText') continue;
      const before = text.slice(at, child.start);
      beside += /(?:www\.|:\/)\S*$/i.test(lastWord(before)) ? '`' : before;
      at = child.end;
    }
    const rest = beside + text.slice(at, block.end);
    // A plain tag is one to everybody.
    doubtful = /[<`$|\\]/.test(rest.replace(/<\/?[a-z][a-z0-9]{0,30} ?\/?>/gi, ''));
    known.set(block, doubtful);
  }
  return doubtful;
}

function lastWord(text: string): string {
  return text.slice(Math.max(text.lastIndexOf(' '), text.lastIndexOf('\n')) + 1);
}

function findHiddenInSpan(text: string, { start, end }: MarkdownNode): Cut[] {
  return [...text.slice(start, end).matchAll(/(?<=<[a-z][\w-]{0,100})\s[^<>]*?(?=\/?>)/gi)]
    .filter(([attributes]) => attributes.trim() !== '')
    .map(({ 0: attributes, index }) => ({
      start: start + index,
      end: start + index + attributes.length,
      kind: 'hidden attributes',
    }));
}
