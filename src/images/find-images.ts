import { type DefaultTreeAdapterTypes, defaultTreeAdapter, parseFragment } from 'parse5';
import { findVisible, type PlacedNode, parseMarkdown, places, readablePart } from '../text/sanitize.js';

/** An image in a text. */
export interface FoundImage {
  /** The address, as the text contains it. */
  address: string;
  /** Why the agent must not get the image, in a few words; null if it may get the image. */
  fault: string | null;
}

/** People do not notice an image that is shown with fewer pixels than this. */
const minShownPixels = 32;

/**
 * Finds the images that GitHub shows in a text, in the order of the text: `![...](...)` and `<img src=...>`.
 * Each address appears once. An image must not contain instructions that people do not see. The function
 * therefore leaves out hidden images, and reports a fault if the text shows an image in a very small size or
 * offers several versions of it.
 * @param markdown the text, as GitHub stores it
 */
export function findImages(markdown: string): FoundImage[] {
  const text = readablePart(markdown.replaceAll('\r\n', '\n').replaceAll('\r', '\n'));
  const nodes = parseMarkdown(text);
  if (!nodes) return [];
  const found = findVisible(text, nodes);
  const images = [...findInMarkdown(nodes), ...findInHtml(text, nodes)]
    .filter(({ start }) => found[start] !== places.hidden)
    .sort((one, other) => one.start - other.start);
  return images
    .filter(({ address }, index) => images.findIndex((other) => other.address === address) === index)
    .map(({ address, fault }) => ({ address, fault }));
}

type PlacedImage = FoundImage & { start: number };

function findInMarkdown(nodes: readonly PlacedNode[]): PlacedImage[] {
  const definitions = new Map<string, string>();
  // If a name has several definitions, the first one applies.
  for (const { node } of nodes)
    if (node.type === 'definition' && !definitions.has(node.identifier))
      definitions.set(node.identifier, node.url);
  return nodes.flatMap(({ node, start }) => {
    const address =
      node.type === 'image'
        ? node.url
        : node.type === 'imageReference'
          ? definitions.get(node.identifier)
          : null;
    return address ? [{ address, fault: null, start }] : [];
  });
}

function findInHtml(text: string, nodes: readonly PlacedNode[]): PlacedImage[] {
  // Spaces replace everything except HTML, so that positions stay the same.
  let page = '';
  for (const { node, start, end } of nodes)
    if (node.type === 'html') page = page.padEnd(start) + text.slice(start, end);
  const images: PlacedImage[] = [];
  const visit = (node: DefaultTreeAdapterTypes.Node, isInPicture: boolean) => {
    if (!defaultTreeAdapter.isElementNode(node)) return visitChildren(node, isInPicture);
    const attributes = new Map(node.attrs.map(({ name, value }) => [name, value]));
    const address = node.tagName === 'img' ? attributes.get('src') : undefined;
    const start = node.sourceCodeLocation?.startOffset ?? 0;
    if (address) images.push({ address, fault: findFault(attributes, isInPicture), start });
    visitChildren(node, isInPicture || node.tagName === 'picture');
  };
  const visitChildren = (node: DefaultTreeAdapterTypes.Node, isInPicture: boolean) => {
    if ('childNodes' in node) for (const child of node.childNodes) visit(child, isInPicture);
  };
  visit(parseFragment(page, { sourceCodeLocationInfo: true }), false);
  return images;
}

function findFault(attributes: ReadonlyMap<string, string>, isInPicture: boolean): string | null {
  if (isInPicture || attributes.has('srcset')) return 'shown in several versions';
  const isTiny = ['width', 'height'].some((name) => {
    const size = attributes.get(name);
    return size !== undefined && Number.parseFloat(size) < (size.includes('%') ? 5 : minShownPixels);
  });
  return isTiny ? 'shown too small for people to notice' : null;
}
