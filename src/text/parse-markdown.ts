import type { Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { htmlBlockNames } from 'micromark-util-html-tag-name';

/** A node of a Markdown tree. `start` and `end` are its character offsets in the source. */
export type PlacedNode = { node: Nodes; start: number; end: number; parent?: PlacedNode };

/** Parsing time grows with lines × nesting depth, and with (number of brackets in a paragraph)². */
const tooDeep = /^(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)]|\[\^\S+\]:)(?=[ \t]))){50}|^[ \t]{200,}[-*+\d]/m;
const maxBrackets = 1500;

/** Constructs that the parser ignores. They cannot hide text, and emphasis would make the parser slow. */
const unused = ['attention', 'strikethrough', 'tasklistCheck'];
const links = 'labelStartLink labelStartImage labelEnd gfmFootnoteCall gfmPotentialFootnoteCall'.split(' ');
/** The transforms are removed, because they would add links that have no position in the source. */
const mdastExtensions = gfmFromMarkdown().map((extension) => ({ ...extension, transforms: [] }));
/** GitHub's parser begins an HTML block at a `<source>` tag. Newer parsers do not. */
htmlBlockNames.push('source');

/** Returns as much of a text as can be parsed quickly. GitHub's own limit is 65,536 characters. */
export function readablePart(text: string): string {
  return text.slice(0, 65_536).split('\n', 2000).join('\n');
}

/**
 * Parses Markdown as GitHub does, except for emphasis and task lists.
 * @param text a result of `readablePart`, with '\n' between lines
 * @returns every node in the order of the text; null if parsing would take too long
 */
export function parseMarkdown(text: string): PlacedNode[] | null {
  const isDense = (part: string) => part.split(']').length > maxBrackets;
  if (tooDeep.test(text)) return null;
  const blocks = isDense(text) ? parse(text, [...unused, ...links]) : [];
  const leaves = blocks.filter(({ node }) => /^(?:paragraph|heading|tableRow)$/.test(node.type));
  return leaves.some(({ start, end }) => isDense(text.slice(start, end))) ? null : parse(text, unused);
}

function parse(text: string, disabled: string[]): PlacedNode[] {
  const nodes: PlacedNode[] = [];
  const place = (node: Nodes, parent?: PlacedNode) => {
    const { start, end } = node.position ?? {};
    const placed = { node, start: start?.offset ?? 0, end: end?.offset ?? 0, parent };
    nodes.push(placed);
    if ('children' in node) for (const child of node.children) place(child, placed);
  };
  place(fromMarkdown(text, { extensions: [gfm(), { disable: { null: disabled } }], mdastExtensions }));
  return nodes;
}
