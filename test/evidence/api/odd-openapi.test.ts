import { expect, test } from '@jest/globals';
import { compareOpenApi, readOpenApi } from '../../../src/evidence/api/compare-openapi.js';

type Json = Record<string, unknown>;

const json = (schema: Json) => ({ content: { 'application/json': { schema } } });

function compare(before: Json, after: Json): string[] {
  const [was, is] = [before, after].map((one) => readOpenApi(JSON.stringify(one)));
  if (!was || !is) throw new Error('no document');
  return compareOpenApi(was, is).map(({ level, says }) => `${level}: ${says}`);
}

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
