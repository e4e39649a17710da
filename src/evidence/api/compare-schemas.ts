import { listIn, type Node, toNode } from './read-document.js';

/** How a change of an API affects its clients. */
export type ApiLevel = 'breaking' | 'dangerous' | 'compatible';

/** The two documents, which way the data goes, and where differences are reported. */
export interface Comparison {
  before: Node;
  after: Node;
  /** `request`: clients send the data. `response`: clients read it. */
  way: 'request' | 'response';
  report(level: ApiLevel, says: string): void;
}

/** JSON pointers can lead in a circle. */
const maxReferences = 50;
const maxDepth = 40;

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

/**
 * Reports how a schema changes for clients. `place` names it, such as `items[].price`; '' is the whole body.
 */
export function compareSchemas(before: unknown, after: unknown, place: string, comparison: Comparison): void {
  compare(before, after, place, comparison, new Set());
}

function compare(
  oldValue: unknown,
  newValue: unknown,
  place: string,
  comparison: Comparison,
  seen: ReadonlySet<Node>,
): void {
  const [rawBefore, rawAfter] = [resolve(comparison.before, oldValue), resolve(comparison.after, newValue)];
  // Schemas can contain themselves.
  if (!rawBefore || !rawAfter || seen.has(rawBefore) || seen.size > maxDepth) return;
  const before = flatten(comparison.before, rawBefore);
  const after = flatten(comparison.after, rawAfter);
  const name = place === '' ? 'the body' : place;
  compareTypes(before, after, name, comparison);
  compareEnums(before, after, name, comparison);
  if (comparison.way === 'request') compareLimits(before, after, name, comparison);
  if (before.alternatives !== after.alternatives)
    comparison.report('dangerous', `${name} has other alternatives`);
  const inside = new Set([...seen, rawBefore]);
  compareProperties(before, after, place, comparison, inside);
  if (before.items && after.items) compare(before.items, after.items, `${place}[]`, comparison, inside);
  if (before.others && after.others) compare(before.others, after.others, `${place}.*`, comparison, inside);
}

interface Schema {
  node: Node;
  types: Set<string>;
  properties: Map<string, unknown>;
  required: Set<string>;
  /** Null if any value is possible. */
  values: Set<string> | null;
  items: unknown;
  others: unknown;
  isClosed: boolean;
  alternatives: string;
}

/** Reads a schema together with the parts of its `allOf`. */
function flatten(document: Node, node: Node, depth = 0): Schema {
  const own: Schema = {
    node,
    types: typesOf(node),
    properties: new Map(Object.entries(toNode(node.properties) ?? {})),
    required: new Set(listIn(node.required).filter((one) => typeof one === 'string')),
    values: valuesOf(node),
    items: node.items,
    others: toNode(node.additionalProperties),
    isClosed: node.additionalProperties === false,
    alternatives: JSON.stringify([node.oneOf ?? null, node.anyOf ?? null]),
  };
  const parts = depth > 5 ? [] : listIn(node.allOf);
  for (const part of parts) {
    const resolved = resolve(document, part);
    if (!resolved) continue;
    const more = flatten(document, resolved, depth + 1);
    if (own.types.size === 0) own.types = more.types;
    for (const [name, schema] of more.properties) own.properties.set(name, schema);
    for (const name of more.required) own.required.add(name);
    own.values ??= more.values;
    own.items ??= more.items;
    own.isClosed ||= more.isClosed;
  }
  return own;
}

/** An integer is a number, too. `nullable` is how OpenAPI 3.0 says that null is possible. */
function typesOf({ type, nullable }: Node): Set<string> {
  const types = new Set((Array.isArray(type) ? type : [type]).filter((one) => typeof one === 'string'));
  if (types.has('number')) types.add('integer');
  if (nullable === true && types.size > 0) types.add('null');
  return types;
}

function valuesOf(node: Node): Set<string> | null {
  if ('const' in node) return new Set([JSON.stringify(node.const)]);
  return Array.isArray(node.enum) ? new Set(node.enum.map((one) => JSON.stringify(one))) : null;
}

function compareTypes(before: Schema, after: Schema, name: string, { way, report }: Comparison): void {
  if (before.types.size === 0 && after.types.size === 0) return;
  const [wider, narrower] = way === 'request' ? [before, after] : [after, before];
  // A schema without a type has every type.
  const isNarrowed = wider.types.size === 0 || !isSubset(wider.types, narrower.types);
  if (narrower.types.size > 0 && isNarrowed)
    report('breaking', `${name} changes its type from ${list(before.types)} to ${list(after.types)}`);
  else if (before.types.size !== after.types.size)
    report('compatible', `${name} changes its type from ${list(before.types)} to ${list(after.types)}`);
}

function compareEnums(before: Schema, after: Schema, name: string, { way, report }: Comparison): void {
  if (!before.values || !after.values) {
    if (after.values)
      report(way === 'request' ? 'breaking' : 'compatible', `${name} can only have some values now`);
    else if (before.values)
      report(way === 'request' ? 'compatible' : 'dangerous', `${name} can have any value now`);
    return;
  }
  for (const value of before.values)
    if (!after.values.has(value))
      report(way === 'request' ? 'breaking' : 'compatible', `${name} no longer has the value ${value}`);
  for (const value of after.values)
    if (!before.values.has(value))
      report(way === 'request' ? 'compatible' : 'dangerous', `${name} has the new value ${value}`);
}

const upperLimits = ['maxLength', 'maximum', 'exclusiveMaximum', 'maxItems', 'maxProperties'];
const lowerLimits = ['minLength', 'minimum', 'exclusiveMinimum', 'minItems', 'minProperties'];

function compareLimits(before: Schema, after: Schema, name: string, { report }: Comparison): void {
  for (const limit of [...upperLimits, ...lowerLimits]) {
    const [was, is] = [before.node[limit], after.node[limit]];
    if (typeof is !== 'number' || was === is) continue;
    const isUpper = upperLimits.includes(limit);
    const isStricter = typeof was !== 'number' || (isUpper ? is < was : is > was);
    const from = typeof was === 'number' ? ` from ${was}` : '';
    report(isStricter ? 'breaking' : 'compatible', `${name} changes ${limit}${from} to ${is}`);
  }
  for (const rule of ['pattern', 'format'])
    if (after.node[rule] !== undefined && before.node[rule] !== after.node[rule])
      report('dangerous', `${name} has another ${rule}`);
}

function compareProperties(
  before: Schema,
  after: Schema,
  place: string,
  comparison: Comparison,
  seen: ReadonlySet<Node>,
): void {
  const { way, report } = comparison;
  const nameOf = (property: string) => (place === '' ? property : `${place}.${property}`);
  for (const [property, schema] of before.properties) {
    const name = nameOf(property);
    if (!after.properties.has(property)) {
      if (way === 'response') report('breaking', `${name} is removed`);
      else report(after.isClosed ? 'breaking' : 'dangerous', `${name} is no longer read`);
      continue;
    }
    const [was, is] = [before.required.has(property), after.required.has(property)];
    if (way === 'request' && is && !was) report('breaking', `${name} becomes required`);
    if (way === 'response' && was && !is) report('breaking', `${name} can be missing now`);
    if (way === 'request' && was && !is) report('compatible', `${name} becomes optional`);
    compare(schema, after.properties.get(property), name, comparison, seen);
  }
  for (const property of after.properties.keys()) {
    if (before.properties.has(property)) continue;
    const isRequired = way === 'request' && after.required.has(property);
    report(
      isRequired ? 'breaking' : 'compatible',
      `${nameOf(property)} is new${isRequired ? ' and required' : ''}`,
    );
  }
}

function isSubset(of: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...of].every((one) => all.has(one));
}

function list(types: ReadonlySet<string>): string {
  const named = [...types].filter((type) => type !== 'integer' || !types.has('number'));
  return named.join(' or ') || 'any';
}
