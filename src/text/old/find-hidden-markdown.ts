import type { Cut } from './cut.js';
import { decodeEntities } from './decode-entities.js';
import { removeInvisible } from './invisible-characters.js';
import { isWithin, type MarkdownNode } from './read-markdown.js';

/** A number says nothing; any other name of a reference or a footnote could. */
const isNumber = (label: string) => /^\d{1,4}$/.test(label);
/** One word, as an address is, and of a kind that GitHub makes a link of; people see it when they point at it. */
const isAddress = (destination: string) =>
  /^[^\s<>"'`{}|\\^[\]]{1,500}$/.test(destination) &&
  /^(?:https?:|mailto:|(?![a-z][a-z\d+.-]*:))/i.test(destination);
const isLanguage = (info: string) => /^[\w+#.-]{1,24}$/.test(info);
const inFootnote = new Set(['gfmFootnoteDefinition']);
/** What a link's text is made of. */
const shownInLink = new Set([
  'data',
  'codeTextData',
  'image',
  'characterEscapeValue',
  'characterReferenceValue',
]);

/** What GitHub does not show of a text's Markdown: titles, images' texts, references, what nothing refers to. */
export function findHiddenMarkdown(text: string, nodes: readonly MarkdownNode[]): Cut[] {
  const sourceOf = ({ start, end }: MarkdownNode) => text.slice(start, end);
  const cuts: Cut[] = [];
  const cut = ({ start, end }: Pick<Cut, 'start' | 'end'>, kind: string, instead = '') =>
    cuts.push({ start, end, kind, instead });

  const kept = findKeptReferences(text, nodes);
  for (const node of nodes) {
    switch (node.type) {
      case 'definition':
        if (!kept.has(node)) cut(node, 'a reference-style comment');
        break;
      case 'image': {
        cut(node, 'the address of an image', '[image]');
        const alt = find(node, 'labelText');
        if (alt && sourceOf(alt).trim() !== '') cut(alt, 'the text of an image');
        break;
      }
      case 'link':
        cutLink(node);
        break;
      case 'gfmFootnoteCall':
        if (!isNumber(labelOf(node, 'gfmFootnoteCallString'))) cut(node, 'the name of a footnote');
        break;
      case 'gfmFootnoteDefinition':
        if (!kept.has(node)) cut(node, 'a footnote that nothing refers to');
        else if (!isNumber(labelOf(node, 'gfmFootnoteDefinitionLabelString'))) {
          const mark = find(node, 'definitionMarker');
          cut({ start: node.start, end: mark?.end ?? node.start }, 'the name of a footnote');
        }
        break;
      case 'codeFencedFence':
        cutInfo(node);
        break;
      case 'table':
        cutCells(node);
        break;
    }
  }
  return cuts;

  function labelOf(node: MarkdownNode, type: string): string {
    const label = find(node, type);
    return label ? sourceOf(label) : '';
  }

  function cutLink(link: MarkdownNode): void {
    const label = find(link, 'label');
    const resource = find(link, 'resource');
    const reference = find(link, 'reference');
    const end = label?.end ?? link.start;
    if (!label || !showsText(label, text)) cut({ start: end, end: link.end }, 'the address of a link');
    else if (reference && !kept.has(reference)) {
      if (find(reference, 'referenceString')) cut(reference, 'the name of a reference');
    } else if (resource) {
      const destination = find(resource, 'resourceDestination');
      const title = find(resource, 'resourceTitle');
      const address = labelOf(resource, 'resourceDestinationString');
      if (address && !isAddress(address)) cut(resource, 'the address of a link');
      else if (title) cut({ start: destination?.end ?? title.start, end: title.end }, 'the title of a link');
    }
  }

  /** Of what stands behind a fence's mark only the first word counts, and only as a language. */
  function cutInfo(fence: MarkdownNode): void {
    const info = find(fence, 'codeFencedFenceInfo');
    const meta = find(fence, 'codeFencedFenceMeta');
    if (!info) return;
    const { end } = meta ?? info;
    if (!isLanguage(sourceOf(info))) cut({ start: info.start, end }, 'words behind the mark of a code block');
    else if (meta) cut({ start: info.end, end }, 'words behind the mark of a code block');
  }

  /** A row shows as many cells as its table's head has. */
  function cutCells(table: MarkdownNode): void {
    const [head, body] = table.children.filter(({ type }) => type === 'tableHead' || type === 'tableBody');
    const columns = head?.children[0]?.children.filter(({ type }) => type === 'tableHeader').length ?? 0;
    for (const row of body?.children ?? []) {
      const cells = row.children.filter(({ type }) => type === 'tableData');
      const [first, last] = [cells[columns], cells.at(-1)];
      if (first && last) cut({ start: first.start, end: last.end }, 'a table cell that is not shown');
    }
  }
}

/**
 * The definitions that stay, each the first of its name: footnotes that the text refers to; addresses that it refers to by a
 * number. With the latter, the references.
 */
function findKeptReferences(text: string, nodes: readonly MarkdownNode[]): Set<MarkdownNode> {
  const labelOf = (node: MarkdownNode, type: string) => {
    const label = find(node, type);
    return label ? text.slice(label.start, label.end).trim().toLowerCase() : '';
  };
  const nameOfLink = (link: MarkdownNode) => labelOf(link, 'referenceString') || labelOf(link, 'labelText');
  const called = new Set<string>();
  const linked = new Map<string, MarkdownNode[]>();
  for (const node of nodes) {
    if (node.type === 'gfmFootnoteCall' && !isWithin(node, inFootnote))
      called.add(labelOf(node, 'gfmFootnoteCallString'));
    if (node.type !== 'link' || find(node, 'resource')) continue;
    const name = nameOfLink(node);
    const reference = find(node, 'reference');
    if (!isNumber(name)) continue;
    const references = linked.get(name) ?? [];
    linked.set(name, references);
    if (reference) references.push(reference);
  }
  const kept = new Set<MarkdownNode>();
  const defined = new Set<string>();
  for (const node of nodes) {
    const footnote = node.type === 'gfmFootnoteDefinition';
    if (!footnote && node.type !== 'definition') continue;
    const label = labelOf(node, footnote ? 'gfmFootnoteDefinitionLabelString' : 'definitionLabelString');
    const name = `${footnote ? '^' : ''}${label}`;
    if (defined.has(name)) continue;
    defined.add(name);
    if (footnote) {
      if (called.has(label)) kept.add(node);
      continue;
    }
    const address = labelOf(node, 'definitionDestinationString');
    const references = linked.get(label);
    if (!references || find(node, 'definitionTitle') || !/^https?:/.test(address) || !isAddress(address))
      continue;
    kept.add(node);
    for (const reference of references) kept.add(reference);
  }
  return kept;
}

function showsText(node: MarkdownNode, text: string): boolean {
  if (node.type === 'image') return true;
  if (!shownInLink.has(node.type)) return node.children.some((child) => showsText(child, text));
  return removeInvisible(decodeEntities(text.slice(node.start, node.end))).trim() !== '';
}

/** The first one of this kind below a node, not within what is below the node's text. */
function find(node: MarkdownNode, type: string): MarkdownNode | null {
  for (const child of node.children) {
    if (child.type === type) return child;
    if (child.type === 'labelText' || child.type === 'content') continue;
    const found = find(child, type);
    if (found) return found;
  }
  return null;
}
