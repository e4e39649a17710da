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
    const renamed = { '/orders/{order}': paths['/orders/{id}'], '/orders': paths['/orders'] };
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

  test('names operations that are removed and new', () => {
    const paths = { '/orders': { put: { responses: {} } } };
    expect(compare(documentOf(), documentOf({ paths }))).toEqual([
      'breaking: GET /orders/{id} is removed',
      'breaking: POST /orders is removed',
      'compatible: PUT /orders is new',
    ]);
  });

  test('reads Swagger 2', () => {
    const swagger = (required: string[], response: Json): Json => ({
      swagger: '2.0',
      paths: {
        '/a': {
          post: {
            parameters: [
              {
                name: 'body',
                in: 'body',
                schema: { type: 'object', required, properties: { x: { type: 'string' } } },
              },
              { name: 'q', in: 'query', type: 'string' },
            ],
            responses: { 200: { schema: { $ref: '#/definitions/A' } } },
          },
        },
      },
      definitions: { A: response },
    });
    const before = swagger([], { type: 'object', properties: { a: { type: 'string' } } });
    expect(compare(before, swagger(['x'], { type: 'object', properties: {} }))).toEqual([
      'breaking: POST /a: x becomes required',
      'breaking: POST /a, response 200: a is removed',
    ]);
  });

  test('survives documents that make no sense', () => {
    const odd = {
      openapi: '3.0.0',
      paths: {
        '/a': {
          get: { parameters: [1, null, { $ref: '#/a/b' }], responses: { 200: { $ref: 'other.yaml#/x' } } },
        },
        '/b': { $ref: '#/paths/~1b' },
        '/c': 7,
      },
    };
    expect(compare(odd, odd)).toEqual([]);
    const circle = {
      openapi: '3.0.0',
      paths: { '/a': { get: { responses: { 200: json({ $ref: '#/x' }) } } } },
      x: { $ref: '#/y' },
      y: { $ref: '#/x' },
    };
    expect(compare(circle, circle)).toEqual([]);
    expect(readOpenApi('openapi: 3.0.0\npaths: [')).toBeNull();
    expect(readOpenApi('name: app\nversion: 1\n')).toBeNull();
    expect(readOpenApi('['.repeat(10_000))).toBeNull();
  });
});
