import { describe, expect, test } from '@jest/globals';
import { compare, type Files } from './compare-files.js';

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

test('compares JSON schemas for those who write the data', async () => {
  const schema = (text: string) => `{"$schema":"https://json-schema.org/draft/2020-12/schema",${text}}`;
  const before = {
    'settings.schema.json': schema(
      '"$defs":{"port":{"type":"integer"}},"properties":{"port":{"$ref":"#/$defs/port"},"host":{"type":"string"}}',
    ),
    'biome.json': '{"$schema":"https://biomejs.dev/schemas/2.0.0/schema.json","properties":{"a":{}}}',
  };
  const after = {
    'settings.schema.json': schema(
      '"$defs":{"port":{"type":"string"}},"required":["host"],"properties":{"port":{"$ref":"#/$defs/port"},"host":{"type":"string"},"tls":{"type":"boolean"}}',
    ),
    'biome.json': '{"$schema":"https://biomejs.dev/schemas/2.0.0/schema.json"}',
  };
  const file = 'settings.schema.json';
  expect(await compare(before, after)).toEqual({
    files: [file],
    differences: [
      { file, level: 'breaking', says: 'port changes its type from integer to string' },
      { file, level: 'breaking', says: 'host becomes required' },
      { file, level: 'compatible', says: 'tls is new' },
    ],
    notes: [],
  });
});

test('names the value of a JSON schema', async () => {
  const schema = (type: string) =>
    JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', type });
  expect((await compare({ 'a.json': schema('object') }, { 'a.json': schema('array') }))?.differences).toEqual(
    [expect.objectContaining({ says: 'the value changes its type from object to array' })],
  );
});

test('compares protobuf files together, and says which cannot be read', async () => {
  const before = { 'a.proto': 'message A { optional string id = 1; }', 'vendor/b.proto': 'message B {' };
  const moved = { 'x/c.proto': 'message A { optional int32 id = 1; }', 'vendor/b.proto': 'message B {}' };
  expect(await compare(before, moved)).toEqual({
    files: ['the protobuf files'],
    differences: [
      {
        file: 'the protobuf files',
        ...{ level: 'breaking', says: 'A.id changes its type from string to int32' },
      },
    ],
    notes: [],
  });
  const broken = { ...before, 'a.proto': 'message A {' };
  expect(await compare(before, broken)).toMatchObject({
    ...{ files: [], differences: [] },
    notes: [expect.stringMatching(/^a\.proto could not be compared: /)],
  });
  const versions = { 'v1/a.proto': 'message R { optional string a = 1; }', 'v2/a.proto': 'message R {}' };
  const edited = { 'v1/a.proto': 'message R { optional int32 a = 1; }', 'v2/a.proto': 'message R { }' };
  expect((await compare(versions, edited))?.differences).toEqual([
    expect.objectContaining({ says: 'v1/a.proto: R.a changes its type from string to int32' }),
  ]);
  expect(await compare({}, { 'a.proto': 'message A {}' })).toBeNull();
});

test('a description that is gone or broken is named', async () => {
  expect(await compare({ 'a.yml': openApi('/a') }, {})).toMatchObject({
    notes: ['a.yml, which described an API, is deleted.'],
  });
  expect(await compare({ 'a.yml': openApi('/a') }, { 'a.yml': 'openapi: [' })).toMatchObject({
    notes: ['a.yml no longer describes an API, or it cannot be read.'],
  });
});

test('a description can move to another file and format', async () => {
  const json = JSON.stringify({ openapi: '3.0.0', paths: { '/a': { get: { responses: {} } } } });
  expect(await compare({ 'a.yml': openApi('/a') }, { 'docs/a.json': json })).toEqual({
    ...{ files: ['docs/a.json'], differences: [], notes: [] },
  });
});

test('descriptions of others and samples are no API of the repository', async () => {
  for (const folder of ['third_party/pay', 'test/fixtures', 'examples'])
    expect(
      await compare({ [`${folder}/a.yml`]: openApi('/a') }, { [`${folder}/a.yml`]: openApi('/b') }),
    ).toBeNull();
});

test('says what could not be compared, and does not break off', async () => {
  const split = (end: string) => `${openApi('/a')}x: { $ref: './schemas/a.yaml${end}' }\n`;
  expect(await compare({ 'a.yaml': split('') }, { 'a.yaml': split('#/b') })).toMatchObject({
    notes: ['References of a.yaml to other files were not followed.'],
  });
  const circle = (name: string) =>
    `openapi: 3.0.0\npaths:\n  /a:\n    get: { responses: { 200: { content: { json: { schema: { enum: &x [*x], title: ${name} } } } } } }\n`;
  expect(await compare({ 'a.yaml': circle('a') }, { 'a.yaml': circle('b') })).toEqual({
    ...{ files: ['a.yaml'], differences: [], notes: [] },
  });
});

test('keeps the worst differences if there are too many', async () => {
  const paths = (prefix: string, count: number) =>
    JSON.stringify({
      openapi: '3.0.0',
      paths: Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`/${prefix}${index}`, { get: { responses: {} } }]),
      ),
    });
  const api = await compare({ 'a.json': paths('old', 1) }, { 'a.json': paths('new', 600) });
  expect(api?.differences[0]).toMatchObject({ level: 'breaking', says: 'GET /old0 is removed' });
  expect(api?.differences).toHaveLength(500);
  expect(api?.notes).toEqual(['Only the worst 500 of 601 differences are kept.']);
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

test('each of several services has its own GraphQL schema, and services extend types of others', async () => {
  const before = {
    'a/schema.graphql': 'type Query { a: Int b: Int }',
    'b/schema.graphql': 'type Query { c: Int }',
  };
  expect(
    (await compare(before, { ...before, 'a/schema.graphql': 'type Query { a: Int }' }))?.differences,
  ).toEqual([
    { file: 'a/schema.graphql', level: 'breaking', says: "Field 'b' was removed from object type 'Query'" },
  ]);
  const extending = { 'c.graphql': 'extend type Query { a: Int b: Int }' };
  const api = await compare(extending, { 'c.graphql': 'extend type Query { a: Int }' });
  expect(api?.differences.map(({ level }) => level)).toEqual(['breaking']);
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
      'dangerous: GET /orders/:id is no longer in the source code',
      'compatible: GET /orders/open is new',
    ]);
  });

  test('change with a prefix, although their own file is the same', async () => {
    expect(await saysOf(before, { ...before, 'src/app.ts': app('/v2/orders') })).toEqual([
      ...['/orders', '/orders/:id'].map((route) => `dangerous: GET ${route} is no longer in the source code`),
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

  test('are the same after changes that clients do not notice', async () => {
    const one = {
      'src/app.ts':
        "import users from './users.js';\nconst router = new Router();\nrouter.get('/:id', show);\napp.use('/api/users', users);\napp.use('/local', router);\n",
      'src/users.ts':
        "const router = Router();\nrouter.get('/:id', (req, res) => {});\nexport default router;\n",
    };
    const other = {
      'src/app.ts':
        "import router from '@/local';\napp.use('/api/users', auth, require('./users'));\napp.use('/local', router);\n",
      'src/local.ts': "const router = new Router();\nrouter.get('/:userId', show);\nexport default router;\n",
      'src/users.ts': "const router = Router();\nrouter.get('/:userId', list);\nexport default router;\n",
    };
    expect(await saysOf(one, other)).toBeNull();
  });

  test('are not compared if a file cannot be parsed', async () => {
    expect(await saysOf(before, { ...before, 'src/routes/orders.ts': 'routes.get(' })).toBeNull();
  });

  test('are found quickly if files mount each other', async () => {
    const names = Array.from({ length: 15 }, (_, index) => `f${index}`);
    const mount = (prefix: string) =>
      Object.fromEntries(
        names.map((name) => [
          `src/${name}.ts`,
          `${names.map((one) => `import ${one} from './${one}.js';\napp.use('/${prefix}', ${one});app.use('/b', ${one});`).join('\n')}\nrouter.get('/x', y);\n`,
        ]),
      );
    const api = await compare(mount('a'), mount('c'));
    expect(api?.differences.length).toBeLessThanOrEqual(500);
  });
});
