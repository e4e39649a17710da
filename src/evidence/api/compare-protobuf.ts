import protobuf from 'protobufjs';
import type { ApiDifference } from './compare-openapi.js';

/** The messages, enums and services of all files, by their full names. */
export type Protobuf = ReadonlyMap<string, Definition>;
type Definition = protobuf.Type | protobuf.Enum | protobuf.Service;

/**
 * Reads protobuf files. Imports are not followed, because the names of types suffice.
 * @throws Error if a file cannot be parsed
 */
export function readProtobuf(texts: readonly string[]): Protobuf {
  const found = new Map<string, Definition>();
  const add = (objects: readonly protobuf.ReflectionObject[]) => {
    for (const object of objects) {
      if (
        object instanceof protobuf.Type ||
        object instanceof protobuf.Enum ||
        object instanceof protobuf.Service
      )
        found.set(object.fullName.replace(/^\./, ''), object);
      if (object instanceof protobuf.Namespace) add(object.nestedArray);
    }
  };
  for (const text of texts)
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

function compareMessages(name: string, before: protobuf.Type, after: protobuf.Type, report: Report): void {
  for (const field of before.fieldsArray) {
    const says = `${name}.${field.name}`;
    const now = after.fields[field.name];
    const sameNumber = after.fieldsArray.find(({ id }) => id === field.id);
    if (now) compareFields(says, field, now, report);
    else if (sameNumber) {
      report('dangerous', `${says} is called ${sameNumber.name} now`);
      compareFields(says, field, sameNumber, report);
    } else if (after.isReservedId(field.id))
      report('dangerous', `${says} is removed, and its number reserved`);
    else report('breaking', `${says} is removed, and its number ${field.id} is free for another use`);
  }
  for (const field of after.fieldsArray) {
    if (before.fields[field.name] || before.fieldsArray.some(({ id }) => id === field.id)) continue;
    const isReused = before.isReservedId(field.id);
    if (isReused) report('breaking', `${name}.${field.name} uses the reserved number ${field.id}`);
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
  const [was, is] = [typeOf(before), typeOf(after)];
  if (was !== is) {
    const isReadable = exchangeable.some((types) => types.includes(was) && types.includes(is));
    report(isReadable ? 'dangerous' : 'breaking', `${says} changes its type from ${was} to ${is}`);
  }
  if (!isRequired(before) && isRequired(after)) report('breaking', `${says} becomes required`);
  if (isRequired(before) && !isRequired(after)) report('dangerous', `${says} becomes optional`);
  if (oneofOf(before) !== oneofOf(after)) report('dangerous', `${says} moves into or out of a oneof`);
}

function typeOf(field: protobuf.Field): string {
  if (field instanceof protobuf.MapField) return `map<${field.keyType}, ${field.type}>`;
  return field.repeated ? `repeated ${field.type}` : field.type;
}

/** The library's own `required` is only right after all types of a field are found. */
function isRequired({ rule, options }: protobuf.Field): boolean {
  return rule === 'required' || options?.features?.field_presence === 'LEGACY_REQUIRED';
}

/** An `optional` field of proto3 is in a oneof that nobody sees. */
function oneofOf({ partOf, options }: protobuf.Field): string | null {
  return partOf && !options?.proto3_optional ? partOf.name : null;
}

function compareEnums(name: string, before: protobuf.Enum, after: protobuf.Enum, report: Report): void {
  for (const [value, number] of Object.entries(before.values)) {
    const now = after.values[value];
    if (now === undefined) report('breaking', `${name} no longer has the value ${value}`);
    else if (now !== number)
      report('breaking', `${name}.${value} changes its number from ${number} to ${now}`);
  }
  for (const value of Object.keys(after.values))
    if (before.values[value] === undefined) report('dangerous', `${name} has the new value ${value}`);
}

function compareServices(
  name: string,
  before: protobuf.Service,
  after: protobuf.Service,
  report: Report,
): void {
  for (const method of before.methodsArray) {
    const now = after.methods[method.name];
    const says = `rpc ${name}.${method.name}`;
    if (!now) {
      report('breaking', `${says} is removed`);
      continue;
    }
    for (const [what, was, is] of [
      [
        'request',
        describe(method.requestType, method.requestStream),
        describe(now.requestType, now.requestStream),
      ],
      [
        'response',
        describe(method.responseType, method.responseStream),
        describe(now.responseType, now.responseStream),
      ],
    ])
      if (was !== is) report('breaking', `${says} changes its ${what} from ${was} to ${is}`);
  }
  for (const { name: method } of after.methodsArray)
    if (!before.methods[method]) report('compatible', `rpc ${name}.${method} is new`);
}

function describe(type: string, isStream: boolean | undefined): string {
  return isStream ? `stream ${type}` : type;
}
