import { describe, expect, test } from '@jest/globals';
import { compareOpenApi, readOpenApi } from '../../../src/evidence/api/compare-openapi.js';

type Json = Record<string, unknown>;

const order = {
  type: 'object',
  required: ['id', 'total'],
  properties: {
    id: { type: 'integer' },
    total: { type: 'number' },
    state: { type: 'string', enum: ['open', 'paid'] },
    items: { type: 'array', items: { $ref: '#/components/schemas/Item' } },
  },
};
const item = {
  type: 'object',
  properties: { name: { type: 'string', maxLength: 40 }, parent: { $ref: '#/components/schemas/Item' } },
};
const json = (schema: Json) => ({ content: { 'application/json': { schema } } });

/** A document with one way to read an order and one to create it. */
function documentOf({
  schemas = {},
  get = {},
  post = {},
  ...more
}: { schemas?: Json; get?: Json; post?: Json } & Json = {}): Json {
  return {
    openapi: '3.1.0',
    paths: {
      '/orders/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true }],
        get: { responses: { 200: json({ $ref: '#/components/schemas/Order' }) }, ...get },
      },
      '/orders': {
        post: { requestBody: json({ $ref: '#/components/schemas/Order' }), responses: { 201: {} }, ...post },
      },
    },
    components: { schemas: { Order: order, Item: item, ...schemas } },
    ...more,
  };
}

function compare(before: Json, after: Json): string[] {
  const [was, is] = [before, after].map((one) => readOpenApi(JSON.stringify(one)));
  if (!was || !is) throw new Error('no document');
  return compareOpenApi(was, is).map(({ level, says }) => `${level}: ${says}`);
}
const changed = (after: Parameters<typeof documentOf>[0]) => compare(documentOf(), documentOf(after));
const orderWith = (properties: Json, required = order.required) => ({
  schemas: { Order: { ...order, required, properties: { ...order.properties, ...properties } } },
});
const [read, write] = ['GET /orders/{id}, response 200', 'POST /orders'];

describe('compareOpenApi', () => {
  test('finds nothing in a document that only says the same in other words', () => {
    const paths = documentOf().paths as Json;
    const read = JSON.parse(JSON.stringify(paths['/orders/{id}']).replace('"name":"id"', '"name":"order"'));
    const renamed = { '/orders/{order}': read, '/orders': paths['/orders'] };
    expect(compare(documentOf(), documentOf({ paths: renamed, info: { version: '2' } }))).toEqual([]);
    const split = { allOf: [{ $ref: '#/components/schemas/Base' }, { required: ['total'] }] };
    expect(changed({ schemas: { Base: { ...order, required: ['id'] }, Order: split } })).toEqual([]);
  });

  test.each<[string, Parameters<typeof documentOf>[0], string[]]>([
    [
      'a property that is gone',
      { schemas: { Order: { ...order, properties: { id: { type: 'integer' } } } } },
      [
        ...['total', 'state', 'items'].map((name) => `breaking: ${read}: ${name} is removed`),
        ...['total', 'state', 'items'].map((name) => `dangerous: ${write}: ${name} is no longer read`),
      ],
    ],
    [
      'a property that clients must send now',
      orderWith({ note: { type: 'string' } }, ['id', 'total', 'note', 'state']),
      [
        `compatible: ${read}: note is new`,
        `breaking: ${write}: state becomes required`,
        `breaking: ${write}: note is new and required`,
      ],
    ],
    [
      'a property that can be missing now',
      orderWith({}, ['id']),
      [`breaking: ${read}: total can be missing now`, `compatible: ${write}: total becomes optional`],
    ],
    [
      'a type that is another',
      orderWith({ id: { type: 'string' } }),
      [
        `breaking: ${read}: id changes its type from integer to string`,
        `breaking: ${write}: id changes its type from integer to string`,
      ],
    ],
    [
      'a number that is an integer now',
      orderWith({ total: { type: 'integer' } }),
      [
        `compatible: ${read}: total changes its type from number to integer`,
        `breaking: ${write}: total changes its type from number to integer`,
      ],
    ],
    [
      'a value that can be null now',
      orderWith({ id: { type: ['integer', 'null'] } }),
      [
        `breaking: ${read}: id changes its type from integer to integer or null`,
        `compatible: ${write}: id changes its type from integer to integer or null`,
      ],
    ],
    [
      'other values',
      orderWith({ state: { type: 'string', enum: ['open', 'sent'] } }),
      [
        `compatible: ${read}: state no longer has the value "paid"`,
        `dangerous: ${read}: state has the new value "sent"`,
        `breaking: ${write}: state no longer has the value "paid"`,
        `compatible: ${write}: state has the new value "sent"`,
      ],
    ],
    [
      'a stricter limit, in a schema that contains itself',
      {
        schemas: {
          Item: { ...item, properties: { ...item.properties, name: { type: 'string', maxLength: 20 } } },
        },
      },
      [`breaking: ${write}: items[].name changes maxLength from 40 to 20`],
    ],
    [
      'parameters and media types',
      {
        get: {
          parameters: [
            { name: 'fields', in: 'query' },
            { name: 'X-Tenant', in: 'header', required: true },
          ],
          responses: { 200: { content: { 'text/csv': {} } }, 404: {} },
        },
      },
      [
        'compatible: GET /orders/{id}: query parameter fields is new',
        'breaking: GET /orders/{id}: header parameter X-Tenant is new and required',
        `breaking: ${read}: the media type application/json is removed`,
        `compatible: ${read}: the media type text/csv is new`,
        'compatible: GET /orders/{id}: response 404 is new',
      ],
    ],
    [
      'authentication and a response',
      { post: { responses: { 200: {} }, security: [{ token: [] }] } },
      [
        `breaking: ${write}: response 201 is removed`,
        `compatible: ${write}: response 200 is new`,
        `breaking: ${write}: requires authentication now`,
      ],
    ],
  ])('names %s', (_, after, differences) => expect(changed(after)).toEqual(differences));

  test.each<[string, Parameters<typeof documentOf>[0], Parameters<typeof documentOf>[0], string[]]>([
    [
      'an optional model, as FastAPI writes it',
      orderWith({ at: { anyOf: [{ $ref: '#/components/schemas/Place' }, { type: 'null' }] } }),
      {
        ...orderWith({ at: { anyOf: [{ $ref: '#/components/schemas/Place' }, { type: 'null' }] } }),
      },
      [],
    ],
    [
      'alternatives by their names',
      orderWith({ pay: { oneOf: [{ $ref: '#/components/schemas/Card' }, { type: 'string' }] } }),
      orderWith({ pay: { oneOf: [{ type: 'string' }, { $ref: '#/components/schemas/Bill' }] } }),
      [
        `compatible: ${read}: pay loses the alternative Card`,
        `dangerous: ${read}: pay gets the alternative Bill`,
        `breaking: ${write}: pay loses the alternative Card`,
        `compatible: ${write}: pay gets the alternative Bill`,
      ],
    ],
    [
      'what only the other side sees',
      orderWith({ secret: { type: 'string', writeOnly: true } }),
      orderWith({ updatedAt: { type: 'string', readOnly: true } }, ['id', 'total', 'updatedAt']),
      [`compatible: ${read}: updatedAt is new`, `dangerous: ${write}: secret is no longer read`],
    ],
    [
      'limits that say the same in OpenAPI 3.0 and 3.1, or nothing',
      orderWith({ total: { type: 'number', minimum: 0, exclusiveMinimum: true } }),
      orderWith({
        total: { type: 'number', exclusiveMinimum: 0 },
        state: { ...order.properties.state, minLength: 0 },
      }),
      [],
    ],
    [
      'authentication that stays optional, and other scopes',
      { get: { security: [{}, { token: [] }] }, post: { security: [{ token: ['write'] }] } },
      { get: { security: [] }, post: { security: [{ token: ['admin'] }] } },
      [`dangerous: ${write}: requires another authentication`],
    ],
    [
      'another server path, but not another host',
      { servers: [{ url: 'https://a.example/v1' }] },
      { servers: [{ url: 'https://b.example/v2' }] },
      ['dangerous: the API moves from /v1 to /v2'],
    ],
  ])('understands %s', (_, before, after, differences) => {
    expect(compare(documentOf(before), documentOf(after))).toEqual(differences);
  });

  test('compares what alternatives refer to, and a parameter of the path', () => {
    const optional = orderWith({ at: { anyOf: [{ $ref: '#/components/schemas/Place' }, { type: 'null' }] } });
    const placed = (place: Json) => documentOf({ schemas: { ...optional.schemas, Place: place } });
    const [was, is] = [
      { street: { type: 'string' }, zip: { type: 'string' } },
      { street: { type: 'integer' } },
    ];
    expect(
      compare(placed({ type: 'object', properties: was }), placed({ type: 'object', properties: is })).filter(
        (line) => line.startsWith('breaking'),
      ),
    ).toEqual([
      `breaking: ${read}: at.street changes its type from string to integer`,
      `breaking: ${read}: at.zip is removed`,
      `breaking: ${write}: at.street changes its type from string to integer`,
    ]);
    const typed = (type: string) =>
      documentOf({ get: { parameters: [{ name: 'id', in: 'path', required: true, schema: { type } }] } });
    expect(compare(typed('string'), typed('integer'))).toEqual([
      'breaking: GET /orders/{id}: path parameter 1 changes its type from string to integer',
    ]);
  });

  test('compares many schemas that refer to each other in a short time', () => {
    const names = Array.from({ length: 60 }, (_, index) => `E${index}`);
    const schemas = Object.fromEntries(
      names.map((name) => [
        name,
        {
          type: 'object',
          properties: Object.fromEntries(names.map((one) => [one, { $ref: `#/components/schemas/${one}` }])),
        },
      ]),
    );
    const paths = Object.fromEntries(
      names.map((name) => [
        `/${name}`,
        { get: { responses: { 200: json({ $ref: `#/components/schemas/${name}` }) } } },
      ]),
    );
    const document = documentOf({ schemas, paths });
    const { E1, ...rest } = schemas;
    const changed = documentOf({ schemas: { ...rest, E1: { type: 'object', properties: {} } }, paths });
    expect(compare(document, changed)).toHaveLength(60);
  });

  test('does not take a conversion from Swagger 2 to OpenAPI 3 for a change', () => {
    const old = {
      swagger: '2.0',
      paths: { '/a': { get: { responses: { 200: { schema: { type: 'string' } } } } } },
    };
    const converted = {
      openapi: '3.0.0',
      paths: { '/a': { get: { responses: { 200: json({ type: 'string' }) } } } },
    };
    expect(compare(old, converted)).toEqual([]);
  });

  test('names operations that are removed and new', () => {
    const paths = { '/orders': { put: { responses: {} } } };
    expect(compare(documentOf(), documentOf({ paths }))).toEqual([
      'breaking: GET /orders/{id} is removed',
      'breaking: POST /orders is removed',
      'compatible: PUT /orders is new',
    ]);
  });
});
