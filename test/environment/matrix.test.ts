import { describe, expect, test } from '@jest/globals';
import { ci, commandsOf, describeJobs, step } from './tree.js';

describe('a matrix', () => {
  const withMatrix = (matrix: string, ...lines: string[]) =>
    describeJobs(
      `  test:\n    runs-on: \${{ matrix.os || 'ubuntu-latest' }}\n    strategy:\n      matrix: ${matrix}\n    steps:\n${step(...lines)}`,
    );
  const node = `uses: actions/setup-node@v4\n        with: {node-version: "\${{ matrix.node }}"}`;
  test.each([
    ['{node: [16, 18, 20, 22]}', '22'],
    ['{node: [20, 21, 22, 23]}', '22'],
    ['{node: [12, 14, 16, 18, 20, 21, 22, 24], pg: [12, 13, 14, 15, 16, 17]}', '24'],
    ['{node: [0.8, 0.10, 0.12, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 18, 20, 22, 23]}', '22'],
    ['{node: ["18.x", "20.x"]}', '20.x'],
    ['{node: [22, latest]}', 'latest'],
    ['{node: ["lts/*", 20]}', 'lts/*'],
    ['{os: [windows-latest, macos-latest, ubuntu-latest], node: [18, 20]}', '20'],
    ['{include: [{node: 18, os: windows-latest}, {node: 18, os: ubuntu-latest}]}', '18'],
    ['{node: [18, 20, "22-nightly"], include: [{node: 24, experimental: true}]}', '20'],
    ['{node: [18, 20], exclude: [{node: 20}]}', '18'],
    [`\${{ fromJSON('{"node":[18,20]}') }}`, '20'],
  ])('%s gives Node %s', async (matrix, version) => {
    const { toolchains } = await withMatrix(matrix, node, 'run: npm test');
    expect(toolchains).toEqual([{ name: 'node', version, source: ci }]);
  });

  test.each([
    ['{db: [mongodb, sqlite, redis, postgres]}', 'DB=postgres npm test'],
    ['{db: [mongo-dev, mongo, redis]}', 'DB=redis npm test'],
    ['{db: [sqlite, mongo]}', 'DB=mongo npm test'],
  ])('%s prefers the most common database', async (matrix, first) => {
    const { tests } = await withMatrix(matrix, `run: DB=\${{ matrix.db }} npm test`);
    expect(commandsOf(tests)[0]).toBe(first);
  });

  test('prefers a version of Node that the engines accept', async () => {
    const jobs = `  test:\n    runs-on: ubuntu-latest\n    strategy: {matrix: {node: [18, 20, 22]}}\n    steps:\n${step(node, 'run: npm test')}`;
    const { toolchains } = await describeJobs(jobs, { 'package.json': '{"engines": {"node": "<21"}}' });
    expect(toolchains).toMatchObject([{ version: '20' }]);
  });

  test('of packages runs the tests of each; of shards runs all tests once', async () => {
    const packages = await withMatrix(
      '{package: [api, worker]}',
      `run: npm test\n        working-directory: packages/\${{ matrix.package }}`,
    );
    expect(commandsOf(packages.tests)).toEqual(['packages/api: npm test', 'packages/worker: npm test']);
    const shards = await withMatrix(
      '{shard: [1, 2, 3]}',
      `run: npx jest --shard=\${{ matrix.shard }}/3 --ci`,
    );
    expect(commandsOf(shards.tests)).toEqual(['npx jest --ci']);
  });
  test('whose versions are only in the text of a longer script runs its tests once', async () => {
    const lines = ['if true; then', '  npm test', `  cp lcov.info "lcov-\${{ matrix.name }}"`, 'fi'];
    const script = `run: |\n${lines.map((line) => `          ${line}`).join('\n')}`;
    const { tests } = await withMatrix('{name: ["18.1", "20.2", "22.3"]}', script);
    expect(tests).toHaveLength(1);
  });

  test('whose versions are only in an option runs its tests once', async () => {
    const { tests } = await withMatrix(
      '{node: [">=20 <21", ">=22 <23"]}',
      `run: npm test --node-version="\${{ matrix.node }}"`,
    );
    expect(tests).toHaveLength(1);
  });

  test('of databases keeps the first one, with the steps for it', async () => {
    const { services, variables } = await withMatrix(
      '{db: [postgres, mysql]}',
      "run: docker run -d -p 5432:5432 postgres:16\n        if: matrix.db == 'postgres'",
      "run: docker run -d -p 3306:3306 mysql:8\n        if: matrix.db == 'mysql'",
      `run: npm test\n        env: {DB: "\${{ matrix.db }}"}`,
    );
    expect(services.map(({ kind }) => kind)).toEqual(['postgres']);
    expect(variables).toEqual({ DB: 'postgres' });
  });

  test('of very many values is read in part', async () => {
    const values = (length: number) => `[${Array.from({ length }, (_, at) => at).join()}]`;
    const { tests } = await withMatrix(
      `{a: ${values(256)}, b: ${values(130_000)}, exclude: ${`[${'{a: 1}, '.repeat(10_000)}]`}}`,
      'run: npm test',
    );
    expect(commandsOf(tests)).toEqual(['npm test']);
  });

  test('from another job is named', async () => {
    const { unclear, tests } = await withMatrix(
      `\${{ fromJSON(needs.plan.outputs.matrix) }}`,
      'run: npm test',
    );
    expect(commandsOf(tests)).toEqual(['npm test']);
    expect(unclear).toEqual([
      `${ci}: the matrix of the job test comes from another job, so it was not read.`,
    ]);
  });

  test.each([
    ['pnpm test --coverage --project @acme/PKG', 'pnpm test --coverage'],
    ['pnpm --filter "@acme/PKG..." test', 'pnpm --recursive test'],
    ['npm test --workspace=packages/PKG', 'npm --workspaces --if-present test'],
    ['npx turbo run test --filter=PKG', 'npx turbo run test'],
  ])('of packages that only GitHub knows runs %s for every package', async (command, every) => {
    const run = command.replace('PKG', `\${{ matrix.package }}`);
    const excluded = `run: '${run}'\n        if: \${{ matrix.package != 'docs' && matrix.package != 'e2e' }}`;
    const list = `\${{ fromJSON(needs.changes.outputs.packages) }}`;
    const { tests } = await withMatrix(`{package: "${list}"}`, excluded);
    expect(commandsOf(tests)).toEqual([every]);
    const beside = await withMatrix(`{node: [20, 22], package: "${list}"}`, `run: '${run}'`);
    expect(commandsOf(beside.tests)).toEqual([every]);
  });

  test('that only GitHub knows leaves a step out whose condition asks for one value', async () => {
    const { tests } = await withMatrix(
      `\${{ fromJSON(needs.plan.outputs.matrix) }}`,
      'run: npm test',
      "run: npm run test:windows\n        if: matrix.os == 'windows'",
    );
    expect(commandsOf(tests)).toEqual(['npm test']);
  });
});
