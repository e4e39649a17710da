import { flatten, type Schema } from './flatten-schema.js';
import type { Node } from './read-document.js';
import { resolve } from './resolve-reference.js';

/** How a change of an API affects its clients. */
export type ApiLevel = 'breaking' | 'dangerous' | 'compatible';

/** The two documents, which way the data goes, and where differences are reported. */
export interface Comparison {
  before: Node;
  after: Node;
  /** `request`: clients send the data. `response`: clients read it. */
  way: 'request' | 'response';
  /**
   * The pairs of schemas that were compared already. Each pair is compared once in a document and a way,
   * because many operations can share a schema, and a schema can contain itself.
   */
  compared: WeakMap<Node, WeakSet<Node>>;
  report(level: ApiLevel, says: string): void;
}

const maxDepth = 60;

/**
 * Reports how a schema changes for clients. `place` names it, such as `items[].price`; '' is the whole body.
 */
export function compareSchemas(before: unknown, after: unknown, place: string, comparison: Comparison): void {
  compare(before, after, place, comparison, 0);
}

function compare(
  oldValue: unknown,
  newValue: unknown,
  place: string,
  comparison: Comparison,
  depth: number,
): void {
  const rawBefore = resolve(comparison.before, oldValue);
  const rawAfter = resolve(comparison.after, newValue);
  if (!rawBefore || !rawAfter || depth > maxDepth) return;
  const known = comparison.compared.get(rawBefore) ?? new WeakSet();
  if (known.has(rawAfter)) return;
  comparison.compared.set(rawBefore, known.add(rawAfter));
  const before = flatten(comparison.before, rawBefore);
  const after = flatten(comparison.after, rawAfter);
  const name = place === '' ? 'the body' : place;
  compareTypes(before, after, name, comparison);
  compareEnums(before, after, name, comparison);
  if (comparison.way === 'request') compareLimits(before, after, name, comparison);
  compareAlternatives(before, after, place, comparison, depth);
  compareProperties(before, after, place, comparison, depth);
  if (before.items && after.items) compare(before.items, after.items, `${place}[]`, comparison, depth + 1);
  if (before.others && after.others)
    compare(before.others, after.others, `${place}.*`, comparison, depth + 1);
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
    const [was, is] = [before.limits.get(limit), after.limits.get(limit)];
    if (is === undefined || was === is) continue;
    const isUpper = upperLimits.includes(limit);
    // Nothing is shorter than 0.
    if (was === undefined && !isUpper && is <= 0 && limit !== 'minimum' && limit !== 'exclusiveMinimum')
      continue;
    const isStricter = was === undefined || (isUpper ? is < was : is > was);
    const from = was === undefined ? '' : ` from ${was}`;
    report(isStricter ? 'breaking' : 'compatible', `${name} changes ${limit}${from} to ${is}`);
  }
  for (const rule of ['pattern', 'format'])
    if (after.node[rule] !== undefined && before.node[rule] !== after.node[rule])
      report('dangerous', `${name} has another ${rule}`);
  if (after.isClosed && !before.isClosed) report('dangerous', `${name} accepts no other properties now`);
}

/** Compares the alternatives of `oneOf` and `anyOf`. Those of the same name belong together. */
function compareAlternatives(
  before: Schema,
  after: Schema,
  place: string,
  comparison: Comparison,
  depth: number,
): void {
  const name = place === '' ? 'the body' : place;
  const { way, report } = comparison;
  if (before.alternatives.size === 0 && after.alternatives.size === 0) return;
  for (const [key, schema] of before.alternatives) {
    const other = after.alternatives.get(key);
    if (other !== undefined) compare(schema, other, place, comparison, depth + 1);
    else report(way === 'request' ? 'breaking' : 'compatible', `${name} loses the alternative ${key}`);
  }
  for (const key of after.alternatives.keys())
    if (!before.alternatives.has(key))
      report(way === 'request' ? 'compatible' : 'dangerous', `${name} gets the alternative ${key}`);
}

function compareProperties(
  before: Schema,
  after: Schema,
  place: string,
  comparison: Comparison,
  depth: number,
): void {
  const { way, report } = comparison;
  const nameOf = (property: string) => (place === '' ? property : `${place}.${property}`);
  // Clients do not send what they can only read, and do not read what they can only send.
  const hidden = way === 'request' ? 'readOnly' : 'writeOnly';
  const isHidden = (document: Node, schema: unknown) => resolve(document, schema)?.[hidden] === true;
  for (const [property, schema] of before.properties) {
    const name = nameOf(property);
    if (isHidden(comparison.before, schema)) continue;
    if (!after.properties.has(property)) {
      if (way === 'response') report('breaking', `${name} is removed`);
      else report(after.isClosed ? 'breaking' : 'dangerous', `${name} is no longer read`);
      continue;
    }
    const [was, is] = [before.required.has(property), after.required.has(property)];
    if (way === 'request' && is && !was) report('breaking', `${name} becomes required`);
    if (way === 'response' && was && !is) report('breaking', `${name} can be missing now`);
    if (way === 'request' && was && !is) report('compatible', `${name} becomes optional`);
    compare(schema, after.properties.get(property), name, comparison, depth + 1);
  }
  for (const [property, schema] of after.properties) {
    if (before.properties.has(property) || isHidden(comparison.after, schema)) continue;
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
