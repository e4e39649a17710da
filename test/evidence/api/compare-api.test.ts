import { describe, expect, test } from '@jest/globals';
import { compareApi } from '../../../src/evidence/api/compare-api.js';
import type { Change } from '../../../src/workspace/workspace.js';

type Files = Record<string, string>;

function compare(before: Files, after: Files) {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const statusOf = (path: string) =>
    before[path] === undefined ? 'added' : after[path] === undefined ? 'deleted' : 'modified';
  return compareApi({
    changes: paths
      .filter((path) => before[path] !== after[path])
      .map((path) => ({ path, status: statusOf(path) }) as Change),
    paths: { before: Object.keys(before), after: Object.keys(after) },
    readFile: async (when, path) => (when === 'before' ? before : after)[path] ?? null,
    findWord: async (when, word) =>
      Object.entries(when === 'before' ? before : after).flatMap(([path, text]) =>
        new RegExp(`\\b${word}\\b`).test(text) ? [path] : [],
      ),
  });
}
const openApi = (path: string) => `openapi: 3.0.0\npaths:\n  ${path}:\n    get: { responses: {} }\n`;

test('compares every changed file that describes an API', async () => {
  const before = { 'api/a.yaml': openApi('/a'), 'b.json': '{}', 'ci.yml': 'on: push' };
  const after = { 'api/a.yaml': openApi('/b'), 'b.json': '{"c":1}', 'ci.yml': 'on: pull_request' };
  expect(await compare(before, after)).toEqual({
    files: ['api/a.yaml'],
    differences: [
      { file: 'api/a.yaml', level: 'breaking', says: 'GET /a is removed' },
      { file: 'api/a.yaml', level: 'compatible', says: 'GET /b is new' },
    ],
    notes: [],
  });
  expect(await compare({ 'ci.yml': 'on: push' }, {})).toBeNull();
  expect(await compare({}, { 'new.yaml': openApi('/a') })).toBeNull();
});

test('a description that is gone or broken is a breaking difference', async () => {
  for (const after of [{}, { 'a.yml': 'openapi: [' }])
    expect(await compare({ 'a.yml': openApi('/a') }, after as Files)).toMatchObject({
      differences: [{ level: 'breaking', says: 'the file no longer describes an API' }],
    });
});

test('compares a GraphQL schema of several files, without the queries of clients', async () => {
  const before = {
    'schema/query.graphql': 'type Query { order(id: ID!): Order @auth }',
    'schema/order.graphql': 'type Order @key(fields: "id") { id: ID! total: Int }',
    'web/queries.graphql': 'query Q { order(id: 1) { id } }',
  };
  const after = { ...before, 'schema/order.graphql': 'type Order { id: ID! sum: Int }' };
  expect(await compare(before, after)).toMatchObject({
    files: ['schema/order.graphql'],
    differences: expect.arrayContaining([
      {
        file: 'schema/order.graphql',
        level: 'breaking',
        says: "Field 'total' was removed from object type 'Order'",
      },
      {
        file: 'schema/order.graphql',
        level: 'compatible',
        says: "Field 'sum' was added to object type 'Order'",
      },
    ]),
  });
  const other = { ...before, 'web/queries.graphql': 'query Q { order(id: 2) { id } }' };
  expect((await compare(before, other))?.differences).toEqual([]);
});

test('says why a schema cannot be compared', async () => {
  const api = await compare({ 'a.graphql': 'type Query { a: Int }' }, { 'a.graphql': 'type Query {' });
  expect(api).toMatchObject({ files: [], differences: [] });
  expect(api?.notes[0]).toMatch(/^The GraphQL schema could not be compared: Syntax Error/);
});

describe('routes in the source code', () => {
  const app = (prefix: string) =>
    `import { orders } from './routes/orders.js';\nexport const app = new Hono();\napp.route('${prefix}', orders());\n`;
  const orders = (...paths: string[]) =>
    `export const orders = () => { const routes = new Hono();\n${paths.map((path) => `routes.get('${path}', (c) => c.text('x'));`).join('\n')}\nreturn routes; };\n`;
  const before = { 'src/app.ts': app('/orders'), 'src/routes/orders.ts': orders('/', '/:id') };
  const saysOf = async (one: Files, other: Files) =>
    (await compare(one, other))?.differences.map(({ level, says }) => `${level}: ${says}`) ?? null;

  test('are compared with the prefixes under which other files mount them', async () => {
    const after = { ...before, 'src/routes/orders.ts': orders('/', '/open') };
    expect(await saysOf(before, after)).toEqual([
      'breaking: GET /orders/:id is no longer registered',
      'compatible: GET /orders/open is new',
    ]);
  });

  test('change with a prefix, although their own file is the same', async () => {
    expect(await saysOf(before, { ...before, 'src/app.ts': app('/v2/orders') })).toEqual([
      ...['/orders', '/orders/:id'].map((route) => `breaking: GET ${route} is no longer registered`),
      ...['/v2/orders', '/v2/orders/:id'].map((route) => `compatible: GET ${route} is new`),
    ]);
  });

  test('stay the same if their file moves', async () => {
    const moved = {
      'src/app.ts': app('/orders').replace('./routes/', './'),
      'src/orders.ts': orders('/', '/:id'),
    };
    expect(await saysOf(before, moved)).toBeNull();
  });

  test('are not told twice if a description names them, and not read from tests', async () => {
    const described = { ...before, 'api.yaml': openApi('/orders/{id}') };
    const after = {
      ...described,
      'src/routes/orders.ts': orders('/'),
      'api.yaml': openApi('/orders'),
      'test/a.test.ts': "app.get('/fake', () => {});",
    };
    expect(await saysOf(described, after)).toEqual([
      'breaking: GET /orders/{id} is removed',
      'compatible: GET /orders is new',
    ]);
  });
});
