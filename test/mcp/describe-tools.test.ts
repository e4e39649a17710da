import { expect, test } from '@jest/globals';
import { describeTools } from '../../src/mcp/describe-tools.js';

type Listed = Parameters<typeof describeTools>[1][number];

const tool = (name: string, more: Partial<Listed> = {}): Listed => ({
  name,
  inputSchema: { type: 'object' },
  ...more,
});
const describeAll = (tools: Listed[], isGranted: (name: string) => boolean = () => true) =>
  describeTools('tracker', tools, isGranted, (text) => text.includes('credential'));
const withProperty = (property: unknown) =>
  ({ type: 'object', properties: { a: property } }) as Listed['inputSchema'];

test('tools are sorted, and those that are not granted are not mentioned', () => {
  const { tools, leftOut } = describeAll([tool('b'), tool('c'), tool('a')], (name) => name !== 'c');
  expect(tools.map(({ name }) => name)).toEqual(['mcp__tracker__a', 'mcp__tracker__b']);
  expect(leftOut).toEqual([]);
});

test('names are unique and have only characters that the API accepts', () => {
  const long = 'a'.repeat(80);
  const { tools } = describeAll(['a.b', 'a/b', 'a_b', long, `${long}x`].map((name) => tool(name)));
  const names = tools.map(({ name }) => name);
  expect(new Set(names).size).toBe(5);
  for (const name of names) expect(name).toMatch(/^mcp__tracker__[\w-]{1,50}$/);
  expect(names).toContain('mcp__tracker__a_b');
  expect(tools.find(({ tool }) => tool === 'a/b')?.name).toMatch(/^mcp__tracker__a_b_[0-9a-f]{8}$/);
});

test('descriptions are cut, and schemas stay as they are except for their dialect', () => {
  const schema = { ...withProperty({ type: 'string', minLength: 3 }), required: ['a'], definitions: {} };
  const { tools } = describeAll([
    tool('a', {
      description: 'x'.repeat(3000),
      inputSchema: { ...schema, $schema: 'http://json-schema.org/draft-07/schema#' },
    }),
  ]);
  expect(tools[0]?.inputSchema).toEqual(schema);
  expect(tools[0]?.description).toBe(`${'x'.repeat(2000)}…`);
});

test('characters that Postgres or the API refuses are removed', () => {
  const { tools } = describeAll([
    tool('a', { description: 'x\0y\ud800', inputSchema: withProperty({ description: '\0' }) }),
  ]);
  expect(tools).toMatchObject([{ description: 'xy\ufffd', inputSchema: withProperty({ description: '' }) }]);
});

test.each([
  ['an unknown type', withProperty({ type: 'text' })],
  ['a list of types for items, as in older drafts', withProperty({ type: 'array', items: [{}] })],
  ['a flag of draft 4', withProperty({ type: 'number', exclusiveMinimum: true })],
  ['alternatives at the top', { type: 'object', anyOf: [{ required: ['a'] }] }],
  ['a property with a space', { type: 'object', properties: { 'a b': {} } }],
] as [string, Listed['inputSchema']][])('a tool is left out for a schema with %s', (_, inputSchema) => {
  const { tools, leftOut } = describeAll([tool('bad', { inputSchema }), tool('good')]);
  expect(tools.map(({ tool }) => tool)).toEqual(['good']);
  expect(leftOut).toEqual(['bad: the API does not accept its input schema']);
});

test('definitions that are too long, too many, or that contain a credential are left out', () => {
  const long = withProperty({ description: 'x'.repeat(17_000) });
  expect(describeAll([tool('a', { inputSchema: long })]).leftOut).toEqual([
    'a: its input schema is too long',
  ]);
  const many = Array.from({ length: 70 }, (_, index) => tool(`t${index}`));
  const described = describeAll(many);
  expect([described.tools.length, described.leftOut.length]).toEqual([64, 6]);
  expect(described.leftOut[0]).toMatch(/^t\d+: there are too many tools$/);
  const large = withProperty({ description: 'x'.repeat(15_000) });
  expect(
    describeAll('abcdef'.split('').map((name) => tool(name, { inputSchema: large }))).tools,
  ).toHaveLength(4);
  expect(describeAll([tool('a', { description: 'a credential' })])).toEqual({
    tools: [],
    leftOut: ['a tool: its definition contains a credential'],
  });
});
