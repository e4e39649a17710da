import { type Node, toNode } from './read-document.js';

/** JSON pointers can lead in a circle. */
const maxReferences = 50;

/** Follows a reference within the document. Returns null if it leads nowhere, or to another document. */
export function resolve(document: Node, value: unknown): Node | null {
  let node = toNode(value);
  for (let count = 0; node && typeof node.$ref === 'string'; count++) {
    if (count > maxReferences || !node.$ref.startsWith('#/')) return null;
    const names = node.$ref.slice(2).split('/');
    node = names.reduce<Node | null>((at, name) => toNode(at?.[decode(name)]), document);
  }
  return node;
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return name;
  }
}
