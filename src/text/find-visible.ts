import type { Nodes } from 'mdast';
import { findHiddenHtml } from './find-hidden-html.js';
import { attachment } from './mark-hidden.js';
import type { PlacedNode } from './parse-markdown.js';

/** Classes of characters. `signs` is Markdown syntax: its punctuation stays, but its words are removed. */
export const places = { signs: 0, text: 1, code: 2, hidden: 3 };

/** Matches the words that stay in Markdown syntax: words that GitHub shows, and single words such as URLs. */
const harmless: { [type in Nodes['type']]?: RegExp } = {
  listItem: /^\d{1,9}/,
  code: /^[`~]{3,}[ \t]*[\w+#.:/{}=,-]{0,30}(?: \[source of a diagram\])?/,
  image: new RegExp(`^!\\[[\\w.-]{0,30}\\](?:\\(${attachment})?`),
  link: /^\]\([^\s<>"'`]{0,500}/,
  linkReference: /^\]\[[^\s\]]{0,30}\]/,
  footnoteReference: /^\[\^[^\]]{1,30}/,
  footnoteDefinition: /^\[\^[^\]]{1,30}/,
  definition: /^\[[^\]]{1,60}\]:\s{1,9}[^\s<>"'`]{1,500}$/,
};

/** Assigns one of `places` to each character. People see those in `places.text` and `places.code`. */
export function findVisible(text: string, nodes: readonly PlacedNode[], hiddenElements?: RegExp): Uint8Array {
  const found = new Uint8Array(text.length);
  for (const { node, start, end } of nodes) {
    // The text of a link is in child nodes. Only the syntax after this text belongs to the link's own node.
    const label = node.type.startsWith('link') && 'children' in node ? node.children.at(-1)?.position : null;
    const from = label?.end.offset ?? start;
    const source = text.slice(from, end);
    found.fill(places.code, from, from + (harmless[node.type]?.exec(source)?.[0].length ?? 0));
    const fence = node.type === 'code' ? (/^(?:`{3}|~{3}).*/.exec(source)?.[0].length ?? 0) : 0;
    if (node.type === 'code' || node.type === 'inlineCode') found.fill(places.code, start + fence, end);
    if (node.type === 'text' || node.type === 'html') found.fill(places.text, start, end);
  }
  for (const { start, end } of [...findUnused(nodes), ...findHiddenHtml(text, nodes, hiddenElements)])
    found.fill(places.hidden, start, end);
  return found;
}

/** Returns all definitions that nothing visible refers to, and all table cells that have no column. */
function findUnused(nodes: readonly PlacedNode[]): PlacedNode[] {
  const used = new Set<string>();
  let [footnoteEnd, columns, cells] = [0, 0, 0];
  for (const { node, start, end } of nodes) {
    if (node.type === 'footnoteDefinition') footnoteEnd = end;
    if (node.type === 'footnoteReference' && start >= footnoteEnd) used.add(`^${node.identifier}`);
    if (node.type !== 'linkReference') continue;
    // GitHub hides the name in `[text][name]`, so a reference counts only if its name is one short word.
    if (node.referenceType !== 'full' || /^\S{1,30}$/.test(node.label ?? '')) used.add(node.identifier);
  }
  return nodes.filter(({ node }) => {
    if (node.type === 'table') columns = node.align?.length ?? 0;
    if (node.type === 'tableRow') cells = 0;
    if (node.type === 'tableCell') cells += 1;
    // If a name has several definitions, the first one applies.
    if (node.type === 'definition') return !used.delete(node.identifier);
    if (node.type === 'footnoteDefinition') return !used.delete(`^${node.identifier}`);
    return node.type === 'tableCell' && cells > columns;
  });
}
