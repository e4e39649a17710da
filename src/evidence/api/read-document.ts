import { parse } from 'yaml';
import { isTooDeep } from '../../task/is-too-deep.js';

/** A part of a document. Every field can be missing or have any type. */
export type Node = Record<string, unknown>;

/** Reads a YAML or JSON document. Returns null if it is none, or if it is nested too deeply. */
export function readDocument(text: string): Node | null {
  if (isTooDeep(text)) return null;
  try {
    return toNode(/^\s*\{/.test(text) ? JSON.parse(text) : parse(text, { logLevel: 'silent' }));
  } catch {
    return null;
  }
}

/** Returns null for anything but an object. */
export function toNode(value: unknown): Node | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Node) : null;
}

/** Returns the fields that are objects, by their names. A field of another type is left out. */
export function nodesIn(value: unknown): Map<string, Node> {
  return new Map(
    Object.entries(toNode(value) ?? {}).flatMap(([name, one]) => {
      const node = toNode(one);
      return node ? [[name, node]] : [];
    }),
  );
}

export function listIn(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
