import protobuf from 'protobufjs';
import type { ApiDifference } from './compare-openapi.js';

/** The messages, enums and services of a file, by their full names. */
export type Protobuf = ReadonlyMap<string, Definition>;
type Definition = protobuf.Type | protobuf.Enum | protobuf.Service;

/** The parser takes time that grows with the square of the fields of a message. */
const maxStatements = 2000;

/**
 * Reads a protobuf file. Imports are not followed, because the names of types suffice.
 * @throws Error if the file cannot be parsed, or if it is too large
 */
export function readProtobuf(text: string): Protobuf {
  if (text.split(';').length > maxStatements) throw new Error(`it has more than ${maxStatements} statements`);
  const found = new Map<string, Definition>();
  const add = (objects: readonly protobuf.ReflectionObject[]) => {
    for (const object of objects) {
      if (
        object instanceof protobuf.Type ||
        object instanceof protobuf.Enum ||
        object instanceof protobuf.Service
      )
        found.set(plain(object.fullName), object);
      if (object instanceof protobuf.Namespace) add(object.nestedArray);
    }
  };
  add(protobuf.parse(text, new protobuf.Root(), { keepCase: true }).root.nestedArray);
  return found;
}

type Report = (level: ApiDifference['level'], says: string) => void;

/**
 * Compares definitions. A difference is breaking if old and new programs misread each other's data, or if
 * code that was generated from the old files no longer fits.
 */
export function compareProtobuf(before: Protobuf, after: Protobuf): ApiDifference[] {
  const differences: ApiDifference[] = [];
  const report: Report = (level, says) => void differences.push({ level, says });
  for (const [name, old] of before) {
    const now = after.get(name);
    if (!now || now.constructor !== old.constructor) report('breaking', `${kindOf(old)} ${name} is removed`);
    else if (old instanceof protobuf.Type) compareMessages(name, old, now as protobuf.Type, report);
    else if (old instanceof protobuf.Enum) compareEnums(name, old, now as protobuf.Enum, report);
    else compareServices(name, old, now as protobuf.Service, report);
  }
  for (const [name, now] of after)
    if (before.get(name)?.constructor !== now.constructor)
      report('compatible', `${kindOf(now)} ${name} is new`);
  return differences;
}

function kindOf(definition: Definition): string {
  if (definition instanceof protobuf.Type) return 'message';
  return definition instanceof protobuf.Enum ? 'enum' : 'service';
}

function plain(name: string): string {
  return name.replace(/^\./, '');
}

/** A message's own fields by name and by number. Those that `extend` adds can be in any file. */
function indexFields({ fieldsArray }: protobuf.Type) {
  const fields = fieldsArray.filter(({ extend }) => extend === undefined);
  return {
    fields,
    byName: new Map(fields.map((field) => [field.name, field])),
    byNumber: new Map(fields.map((field) => [field.id, field])),
  };
}

function compareMessages(name: string, before: protobuf.Type, after: protobuf.Type, report: Report): void {
  const [old, now] = [indexFields(before), indexFields(after)];
  for (const field of old.fields) {
    const says = `${name}.${field.name}`;
    const same = now.byName.get(field.name);
    const renamed = now.byNumber.get(field.id);
    if (same) compareFields(says, field, same, report);
    else if (renamed && !old.byName.has(renamed.name)) {
      report('dangerous', `${says} is called ${renamed.name} now`);
      compareFields(says, field, renamed, report);
    } else if (isRequired(field)) report('breaking', `${says} is removed, which was required`);
    else if (after.isReservedId(field.id)) report('dangerous', `${says} is removed, and its number reserved`);
    else report('breaking', `${says} is removed, and its number ${field.id} is free for another use`);
  }
  for (const field of now.fields) {
    const wasThere = old.byNumber.get(field.id);
    const isRenamed = wasThere !== undefined && !now.byName.has(wasThere.name);
    if (old.byName.has(field.name) || isRenamed) continue;
    if (before.isReservedId(field.id))
      report('breaking', `${name}.${field.name} uses the reserved number ${field.id}`);
    else if (isRequired(field)) report('breaking', `${name}.${field.name} is new and required`);
    else report('compatible', `${name}.${field.name} is new`);
  }
}

/** Types whose data older and newer programs can read as each other, at most with another value. */
const exchangeable = [
  ['int32', 'uint32', 'int64', 'uint64', 'bool'],
  ['sint32', 'sint64'],
  ['string', 'bytes'],
  ['fixed32', 'sfixed32'],
  ['fixed64', 'sfixed64'],
];

function compareFields(says: string, before: protobuf.Field, after: protobuf.Field, report: Report): void {
  if (before.id !== after.id)
    report('breaking', `${says} changes its number from ${before.id} to ${after.id}`);
  if (shapeOf(before) !== shapeOf(after) || !isSameType(before.type, after.type)) {
    const isReadable =
      shapeOf(before) === shapeOf(after) &&
      exchangeable.some((types) => types.includes(before.type) && types.includes(after.type));
    const change = `${says} changes its type from ${describeType(before)} to ${describeType(after)}`;
    report(isReadable ? 'dangerous' : 'breaking', change);
  }
  // Old programs refuse a message without the field, and new ones may leave it out.
  if (isRequired(before) !== isRequired(after))
    report('breaking', `${says} becomes ${isRequired(after) ? 'required' : 'optional'}`);
  if (isInOneof(before) !== isInOneof(after))
    report('dangerous', `${says} moves ${isInOneof(after) ? 'into' : 'out of'} a oneof`);
}

function shapeOf(field: protobuf.Field): string {
  return field instanceof protobuf.MapField ? `map<${field.keyType}>` : field.repeated ? 'repeated' : '';
}

function describeType(field: protobuf.Field): string {
  if (field instanceof protobuf.MapField) return `map<${field.keyType}, ${field.type}>`;
  return field.repeated ? `repeated ${field.type}` : field.type;
}

/** A type can be named with or without the packages and messages that contain it. */
function isSameType(one: string, other: string): boolean {
  const [a, b] = [plain(one), plain(other)];
  return a === b || a.endsWith(`.${b}`) || b.endsWith(`.${a}`);
}

/** The library's own `required` is only right after all types of a field are found. */
function isRequired({ rule, options }: protobuf.Field): boolean {
  return rule === 'required' || options?.features?.field_presence === 'LEGACY_REQUIRED';
}

/** An `optional` field of proto3 is in a oneof that nobody sees. */
function isInOneof({ partOf, options }: protobuf.Field): boolean {
  return Boolean(partOf) && !options?.proto3_optional;
}

function compareEnums(name: string, before: protobuf.Enum, after: protobuf.Enum, report: Report): void {
  const [old, now] = [new Map(Object.entries(before.values)), new Map(Object.entries(after.values))];
  const renamed = new Map(
    [...now].filter(([value]) => !old.has(value)).map(([value, number]) => [number, value]),
  );
  for (const [value, number] of old) {
    const is = now.get(value);
    const other = renamed.get(number);
    if (is === number) continue;
    if (is !== undefined) report('breaking', `${name}.${value} changes its number from ${number} to ${is}`);
    else if (other !== undefined) report('dangerous', `${name}.${value} is called ${other} now`);
    else if (after.isReservedId(number))
      report('dangerous', `${name} no longer has the value ${value}, and its number is reserved`);
    else report('breaking', `${name} no longer has the value ${value}`);
  }
  const numbers = new Set(old.values());
  for (const [value, number] of now)
    if (!old.has(value) && !numbers.has(number)) report('dangerous', `${name} has the new value ${value}`);
}

function compareServices(
  name: string,
  before: protobuf.Service,
  after: protobuf.Service,
  report: Report,
): void {
  const now = new Map(after.methodsArray.map((method) => [method.name, method]));
  const old = new Set(before.methodsArray.map((method) => method.name));
  for (const was of before.methodsArray) {
    const is = now.get(was.name);
    const says = `rpc ${name}.${was.name}`;
    if (!is) {
      report('breaking', `${says} is removed`);
      continue;
    }
    const change = (what: string, one: string, other: string) =>
      report('breaking', `${says} changes its ${what} from ${one} to ${other}`);
    if (
      !isSameType(was.requestType, is.requestType) ||
      Boolean(was.requestStream) !== Boolean(is.requestStream)
    )
      change('request', stream(was.requestType, was.requestStream), stream(is.requestType, is.requestStream));
    if (
      !isSameType(was.responseType, is.responseType) ||
      Boolean(was.responseStream) !== Boolean(is.responseStream)
    )
      change(
        'response',
        stream(was.responseType, was.responseStream),
        stream(is.responseType, is.responseStream),
      );
  }
  for (const method of now.keys()) if (!old.has(method)) report('compatible', `rpc ${name}.${method} is new`);
}

function stream(type: string, isStream: boolean | undefined): string {
  return isStream ? `stream ${type}` : type;
}
