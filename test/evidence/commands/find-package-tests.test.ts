import { expect, test } from '@jest/globals';
import { findPackageTests } from '../../../src/evidence/commands/find-package-tests.js';

function find(scripts: Record<string, string>, { folder = '', files = {} as Record<string, string> } = {}) {
  const manifest = folder === '' ? 'package.json' : `${folder}/package.json`;
  const all: Record<string, string> = { [manifest]: JSON.stringify({ scripts }), ...files };
  const readFile = async (file: string) => all[file] ?? null;
  return findPackageTests({ files: new Set(Object.keys(all)), readFile }, folder);
}

test.each([
  ['the script test', { test: 'jest', 'test:unit': 'mocha' }, ['npm test']],
  [
    'every kind of tests if there is no script test',
    { 'test:e2e': 'jest -c e2e', 'test:core': 'mocha core', 'test:unit': 'mocha' },
    ['npm run test:unit', 'npm run test:core', 'npm run test:e2e'],
  ],
  [
    'no variant of the same tests',
    {
      test: 'echo "Error: no test specified" && exit 1',
      'test:unit': 'jest',
      'test:unit:watch': 'jest --watch',
      'test:cov': 'jest --coverage',
    },
    ['npm run test:unit'],
  ],
  [
    'a script that starts the others, and not the others',
    { 'test:ci': 'x', 'test:api': 'run-s test:unit test:int', 'test:unit': 'jest', 'test:int': 'jest int' },
    ['npm run test:api'],
  ],
  ['the script test:all alone', { 'test:all': 'x', 'test:unit': 'jest' }, ['npm run test:all']],
  ['test:ci if there is nothing else', { 'test:ci': 'jest --ci' }, ['npm run test:ci']],
  ['another name for tests', { test: 'exit 0', unit: 'mocha', tests: 'jest' }, ['npm run tests']],
  ['nothing if no script runs tests', { test: "echo 'none'", build: 'tsc' }, []],
])('a package runs %s', async (_, scripts, expected) => {
  expect((await find(scripts)).map(({ command }) => command)).toEqual(expected);
});

test('a package in a folder uses the package manager of the folders above it', async () => {
  const files = { 'pnpm-lock.yaml': "lockfileVersion: '9.0'\n" };
  expect(await find({ 'test:unit': 'vitest run' }, { folder: 'services/api', files })).toEqual([
    { command: 'pnpm run test:unit', folder: 'services/api', runner: 'vitest', takesArguments: false },
  ]);
  const own = { ...files, 'services/api/yarn.lock': '# yarn lockfile v1\n' };
  const [found] = await find({ test: 'jest' }, { folder: 'services/api', files: own });
  expect(found?.command).toBe('yarn test');
});

test('a repository of Nx without a script for all tests runs those of its projects', async () => {
  const manifest = { 'package.json': '{"devDependencies": {"nx": "20.0.0"}}', 'nx.json': '{}' };
  const commands = async (files: Record<string, string>) => {
    const all: Record<string, string> = { ...manifest, ...files };
    const tree = { files: new Set(Object.keys(all)), readFile: async (file: string) => all[file] ?? null };
    return (await findPackageTests(tree, '')).map(({ command }) => command);
  };
  expect(await commands({})).toEqual(['npx --no-install nx run-many --target=test']);
  expect(await commands({ 'pnpm-lock.yaml': '' })).toEqual(['pnpm exec nx run-many --target=test']);
  expect(await commands({ 'package.json': '{"scripts": {"test": "nx test"}}' })).toEqual(['npm test']);
});

test("Bun's own test runner starts no script, so scripts need their full command", async () => {
  const commands = async (scripts: Record<string, string>) =>
    (await find(scripts, { files: { 'bun.lock': '' } })).map(({ command }) => command);
  expect(await commands({ test: 'vitest' })).toEqual(['bun run test']);
  expect(await commands({ 'test:unit': 'vitest' })).toEqual(['bun run test:unit']);
});

test('scripts that all call each other are read in a moment', async () => {
  const names = Array.from({ length: 100 }, (_, at) => `s${at}`);
  const all = Object.fromEntries(names.map((name) => [name, `run-p ${names.join(' ')}`]));
  const stars = `run-s ${'a*'.repeat(10)}b && mocha`;
  const found = await find({ test: 'run-p s0 s1 && mocha', pretest: stars, ...all, ['a'.repeat(80)]: 'x' });
  expect(found).toMatchObject([{ command: 'npm test', runner: 'mocha' }]);
});

test.each([
  'cd api && npm test',
  'npm --prefix api/ test',
  'npm run test --prefix ./api',
  'yarn --cwd api test',
])('a script that only calls that of a folder stands for it: `%s`', async (script) => {
  const files = { 'api/package.json': '{"scripts": {"test": "jest"}}', 'api/pnpm-lock.yaml': '' };
  const expected = { command: 'pnpm test', folder: 'api', runner: 'jest', takesArguments: false };
  expect(await find({ test: script }, { files })).toEqual([expected]);
  expect(await find({ test: `${script} && npm run more` }, { files })).toMatchObject([{ folder: '' }]);
  expect(await find({ test: script })).toMatchObject([{ command: 'npm test', folder: '' }]);
});

test('a folder without a package.json has no tests', async () => {
  expect(await findPackageTests({ files: new Set(), readFile: async () => null }, 'docs')).toEqual([]);
});
