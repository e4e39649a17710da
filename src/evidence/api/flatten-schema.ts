import { listIn, type Node, toNode } from './read-document.js';
import { resolve } from './resolve-reference.js';

/** A schema together with everything that `allOf` adds to it. */
export interface Schema {
  node: Node;
  /** Empty if every type is possible. An integer is a number, too. */
  types: Set<string>;
  properties: Map<string, unknown>;
  required: Set<string>;
  /** Null if any value is possible. */
  values: Set<string> | null;
  limits: Map<string, number>;
  items: unknown;
  others: unknown;
  /** Whether other properties are refused. */
  isClosed: boolean;
  /** The alternatives of `oneOf` and `anyOf` by a name, if there are several. */
  alternatives: Map<string, unknown>;
}

const maxDepth = 8;
const known = new WeakMap<Node, Schema>();

/** Reads a schema together with the parts of its `allOf`. */
export function flatten(document: Node, node: Node, depth = 0): Schema {
  const found = known.get(node);
  if (found) return found;
  const alternatives = [...listIn(node.oneOf), ...listIn(node.anyOf)];
  const others = alternatives.filter((one) => resolve(document, one)?.type !== 'null');
  const isNullable = node.nullable === true || others.length < alternatives.length;
  const schema: Schema = {
    node,
    types: typesOf(node),
    properties: new Map(Object.entries(toNode(node.properties) ?? {})),
    required: new Set(listIn(node.required).filter((one) => typeof one === 'string')),
    values: valuesOf(node),
    limits: limitsOf(node),
    items: node.items,
    others: toNode(node.additionalProperties),
    isClosed: node.additionalProperties === false,
    alternatives: others.length > 1 ? nameAlternatives(document, others) : new Map(),
  };
  // Schemas can contain themselves.
  known.set(node, schema);
  // An alternative to null alone is no alternative.
  const parts = [...listIn(node.allOf), ...(others.length === 1 ? others : [])];
  for (const part of depth > maxDepth ? [] : parts) {
    const resolved = resolve(document, part);
    if (resolved && resolved !== node) merge(schema, flatten(document, resolved, depth + 1));
  }
  if (isNullable && schema.types.size > 0) schema.types = new Set([...schema.types, 'null']);
  return schema;
}

function merge(schema: Schema, more: Schema): void {
  if (schema.types.size === 0) schema.types = more.types;
  for (const [name, one] of more.properties) schema.properties.set(name, one);
  for (const name of more.required) schema.required.add(name);
  for (const [name, limit] of more.limits) schema.limits.set(name, limit);
  schema.values ??= more.values;
  schema.items ??= more.items;
  schema.others ??= more.others;
  schema.isClosed ||= more.isClosed;
  if (schema.alternatives.size === 0) schema.alternatives = more.alternatives;
}

/** Many documents leave out the type of objects and lists. */
function typesOf({ type, properties, items }: Node): Set<string> {
  const types = new Set((Array.isArray(type) ? type : [type]).filter((one) => typeof one === 'string'));
  if (types.size === 0 && toNode(properties)) types.add('object');
  if (types.size === 0 && toNode(items)) types.add('array');
  if (types.has('number')) types.add('integer');
  return types;
}

function valuesOf(node: Node): Set<string> | null {
  const values = 'const' in node ? [node.const] : Array.isArray(node.enum) ? node.enum : null;
  // A value can be of any depth, and in YAML it can contain itself.
  return (
    values &&
    new Set(
      values.map((one) =>
        typeof one === 'object' && one !== null ? 'an object' : JSON.stringify(one ?? null),
      ),
    )
  );
}

const limitNames = [
  ...[
    'maxLength',
    'maximum',
    'maxItems',
    'maxProperties',
    'minLength',
    'minimum',
    'minItems',
    'minProperties',
  ],
  ...['exclusiveMaximum', 'exclusiveMinimum'],
];

/** In OpenAPI 3.0, `exclusiveMinimum` only says whether `minimum` itself is excluded. */
function limitsOf(node: Node): Map<string, number> {
  const limits = new Map<string, number>();
  for (const name of limitNames) {
    const limit = node[name];
    const plain = name === 'exclusiveMaximum' ? 'maximum' : 'minimum';
    if (typeof limit === 'number') limits.set(name, limit);
    else if (limit === true && typeof node[plain] === 'number') {
      limits.set(name, node[plain]);
      limits.delete(plain);
    }
  }
  return limits;
}

/** Names alternatives by their reference, title or type, so that those of two documents can be compared. */
function nameAlternatives(document: Node, alternatives: readonly unknown[]): Map<string, unknown> {
  const named = new Map<string, unknown>();
  for (const one of alternatives) {
    const node = resolve(document, one);
    const reference = toNode(one)?.$ref;
    const types = node ? [...typesOf(node)].join(' or ') : '';
    const name =
      typeof reference === 'string'
        ? (reference.split('/').at(-1) ?? reference)
        : typeof node?.title === 'string'
          ? node.title
          : types || 'any';
    const taken = [...named.keys()].filter((key) => key === name || key.startsWith(`${name} `)).length;
    named.set(taken === 0 ? name : `${name} ${taken + 1}`, one);
  }
  return named;
}
