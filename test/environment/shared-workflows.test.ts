import { describe, expect, test } from '@jest/globals';
import { ci, commandsOf, describeFiles } from './tree.js';

const call = (uses: string, more = '') => ({
  'package.json': '{}',
  [ci]: `on: push\njobs:\n  test:\n    uses: ${uses}\n${more}`,
});

describe('a workflow of another repository', () => {
  test('that is well known says what the tests need', async () => {
    const uses = 'fastify/workflows/.github/workflows/plugins-ci-redis.yml@0123456789abcdef';
    const more = '    with: {node-versions: \'["20", "22"]\'}\n';
    const { services, toolchains, tests, unclear } = await describeFiles(call(uses, more));
    expect(services).toMatchObject([{ kind: 'redis', ports: [6379], source: ci }]);
    expect(toolchains).toMatchObject([{ name: 'node', version: '22', source: ci }]);
    expect(commandsOf(tests)).toEqual(['npm test']);
    expect(unclear).toEqual([]);
  });
  test('prepares the database and sets variables', async () => {
    const fastify = 'fastify/workflows/.github/workflows/plugins-ci-postgres.yml@v5';
    expect(commandsOf((await describeFiles(call(fastify))).preparation)).toEqual([
      'chmod 600 .pgpass',
      expect.stringContaining('CREATE TABLE users'),
    ]);
    const other = await describeFiles(call('voxpelli/ghatemplates/.github/workflows/test-pg.yml@main'));
    expect(commandsOf(other.tests)).toEqual(['npm run test-ci']);
    expect(other.variables).toMatchObject({ PGPASSWORD: 'postgres' });
  });
  test('tells in its name which database the tests need', async () => {
    const { services, tests, unclear } = await describeFiles(
      call('acme/workflows/.github/workflows/test-postgres-redis.yml@v1'),
    );
    expect(services.map(({ kind }) => kind)).toEqual(['postgres', 'redis']);
    expect(commandsOf(tests)).toEqual(['npm test']);
    expect(unclear).toEqual([expect.stringContaining('which was not read. Its name tells which servers')]);
  });
  test('is named if nothing is known of it', async () => {
    const { services, unclear } = await describeFiles(call('acme/workflows/.github/workflows/test.yml@v1'));
    expect(services).toEqual([]);
    expect(unclear).toEqual([expect.stringMatching(/which was not read\.$/)]);
  });
});

test('servers that CI installs as packages of the system run, and the others are named', async () => {
  const { services, unclear } = await describeFiles({
    [ci]: `on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: sudo apt-get install -y redis-server postgresql-16 postgresql-client graphviz
      - run: npm test
`,
  });
  expect(services.map(({ kind, source }) => [kind, source])).toEqual([
    ['redis', ci],
    ['postgres', ci],
  ]);
  expect(unclear).toEqual([expect.stringMatching(/: postgresql-client, graphviz\.$/)]);
});
