import { expect, test } from '@jest/globals';
import { compareProtobuf, readProtobuf } from '../../../src/evidence/api/compare-protobuf.js';

const head = 'syntax = "proto3"; package shop.v1;';
const proto = (text: string, start = head) => readProtobuf(`${start}\n${text}`);
const compare = (before: string, after: string, start = head) =>
  compareProtobuf(proto(before, start), proto(after, start)).map(({ level, says }) => `${level}: ${says}`);

const message = (fields: string) => `message Order { ${fields} }`;

test.each<[string, string, string, string[]]>([
  ['the same', message('string id = 1;'), '/* a */ message Order { string id = 1; }', []],
  ['a new field', message(''), message('optional string id = 1;'), ['compatible: shop.v1.Order.id is new']],
  [
    'a removed field',
    message('string id = 1;'),
    message(''),
    ['breaking: shop.v1.Order.id is removed, and its number 1 is free for another use'],
  ],
  [
    'a removed field with a reserved number',
    message('string id = 1; string old = 2;'),
    message('reserved 2 to 4; string id = 1;'),
    ['dangerous: shop.v1.Order.old is removed, and its number reserved'],
  ],
  [
    'a field with a reserved number',
    message('reserved 2 to 4;'),
    message('string id = 3;'),
    ['breaking: shop.v1.Order.id uses the reserved number 3'],
  ],
  [
    'another name',
    message('string id = 1;'),
    message('string key = 1;'),
    ['dangerous: shop.v1.Order.id is called key now'],
  ],
  [
    'another number',
    message('string id = 1;'),
    message('string id = 2;'),
    ['breaking: shop.v1.Order.id changes its number from 1 to 2'],
  ],
  [
    'types that can be read as each other, and types that cannot',
    message('int32 a = 1; string b = 2; string c = 3; map<string, int32> d = 4;'),
    message('int64 a = 1; bytes b = 2; repeated string c = 3; map<string, string> d = 4;'),
    [
      'dangerous: shop.v1.Order.a changes its type from int32 to int64',
      'dangerous: shop.v1.Order.b changes its type from string to bytes',
      'breaking: shop.v1.Order.c changes its type from string to repeated string',
      'breaking: shop.v1.Order.d changes its type from map<string, int32> to map<string, string>',
    ],
  ],
  [
    'a oneof, but not the one of an optional field',
    message('string a = 1; string b = 2;'),
    message('oneof pay { string a = 1; } optional string b = 2;'),
    ['dangerous: shop.v1.Order.a moves into a oneof'],
  ],
  [
    'values of a nested enum',
    message('enum State { NEW = 0; PAID = 1; SENT = 2; }'),
    message('enum State { NEW = 0; SENT = 1; LOST = 3; }'),
    [
      'breaking: shop.v1.Order.State no longer has the value PAID',
      'breaking: shop.v1.Order.State.SENT changes its number from 2 to 1',
      'dangerous: shop.v1.Order.State has the new value LOST',
    ],
  ],
  [
    'services',
    'service Orders { rpc Get(A) returns (B); rpc List(A) returns (B); rpc Watch(A) returns (B); } message A {} message B {}',
    'service Orders { rpc Get(A) returns (A); rpc Watch(A) returns (stream B); rpc Put(A) returns (B); } message A {} message B {}',
    [
      'breaking: rpc shop.v1.Orders.Get changes its response from B to A',
      'breaking: rpc shop.v1.Orders.List is removed',
      'breaking: rpc shop.v1.Orders.Watch changes its response from B to stream B',
      'compatible: rpc shop.v1.Orders.Put is new',
    ],
  ],
  [
    'renamed and reserved values',
    message('enum State { NEW = 0; PAID = 1; SENT = 2; }'),
    message('enum State { reserved 2; NEW = 0; SETTLED = 1; }'),
    [
      'dangerous: shop.v1.Order.State.PAID is called SETTLED now',
      'dangerous: shop.v1.Order.State no longer has the value SENT, and its number is reserved',
    ],
  ],
  [
    'types with and without the names of what contains them',
    `${message('Item a = 1; message Item {}')} service S { rpc Get(Order) returns (Order); }`,
    `${message('shop.v1.Order.Item a = 1; message Item {}')} service S { rpc Get(.shop.v1.Order) returns (v1.Order); }`,
    [],
  ],
  [
    'a field that takes the number of another one',
    message('string a = 1; string b = 2;'),
    message('string b = 1;'),
    [
      'breaking: shop.v1.Order.a is removed, and its number 1 is free for another use',
      'breaking: shop.v1.Order.b changes its number from 2 to 1',
    ],
  ],
  [
    'names that every object of JavaScript has',
    `${message('string constructor = 1; string toString = 2;')} service S { rpc constructor(Order) returns (Order); }`,
    `${message('string valueOf = 3;')} service S { rpc toString(Order) returns (Order); }`,
    [
      'breaking: shop.v1.Order.constructor is removed, and its number 1 is free for another use',
      'breaking: shop.v1.Order.toString is removed, and its number 2 is free for another use',
      'compatible: shop.v1.Order.valueOf is new',
      'breaking: rpc shop.v1.S.constructor is removed',
      'compatible: rpc shop.v1.S.toString is new',
    ],
  ],
  [
    'a removed message, and an enum of the same name as another one',
    'message A {} message B {}',
    'enum B { NONE = 0; } message C {}',
    [
      'breaking: message shop.v1.A is removed',
      'breaking: message shop.v1.B is removed',
      'compatible: enum shop.v1.B is new',
      'compatible: message shop.v1.C is new',
    ],
  ],
])('%s', (_, before, after, differences) => {
  expect(compare(before, after)).toEqual(differences);
});

test('required fields of proto2 and of editions', () => {
  const before = message('optional string a = 1; required string b = 2;');
  const after = message('required string a = 1; optional string b = 2; required string c = 3;');
  expect(compare(before, after, 'syntax = "proto2";')).toEqual([
    'breaking: Order.a becomes required',
    'breaking: Order.b becomes optional',
    'breaking: Order.c is new and required',
  ]);
  const field = (more: string) => message(`string a = 1${more};`);
  const required = field(' [features.field_presence = LEGACY_REQUIRED]');
  expect(compare(field(''), required, 'edition = "2023";')).toEqual(['breaking: Order.a becomes required']);
});

test('a file with too many fields is refused, because the parser would block the server', () => {
  const fields = Array.from({ length: 20_000 }, (_, index) => `int32 f${index} = ${index + 1};`);
  expect(() => proto(message(fields.join('')))).toThrow('it has more than 2000 statements');
});

test('a file that cannot be parsed is an error', () => {
  expect(() => readProtobuf('message {')).toThrow(/illegal type name/);
});
