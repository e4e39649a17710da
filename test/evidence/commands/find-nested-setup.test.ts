import { describe, expect, test } from '@jest/globals';
import { emptyEnvironment } from '../../../src/environment/environment.js';
import { findCommands } from '../../../src/evidence/commands/find-commands.js';

const manifest = JSON.stringify({ scripts: { test: 'vitest run' }, devDependencies: { vitest: '4' } });
const lockfile = '{"lockfileVersion": 3, "packages": {}}';
const ci = (command: string, folder: string) => ({ command, folder, source: '.github/workflows/ci.yml' });

/** Returns the setup of a repository whose CI has these commands. */
async function setup(
  files: Record<string, string>,
  installs: ReturnType<typeof ci>[],
  tests: ReturnType<typeof ci>[],
) {
  const readFile = async (file: string) => files[file] ?? null;
  const tree = { files: new Set(Object.keys(files)), readFile };
  const settings = { setup: null, setupAdds: [], test: null };
  return (await findCommands(tree, settings, { ...emptyEnvironment, installs, tests })).setup;
}

describe('findCommands installs the packages of the folders that CI uses', () => {
  const files = { 'package.json': manifest, 'proxy/package.json': manifest };
  test('a folder in which CI installs by itself', async () => {
    const installs = [ci('npm install', ''), ci('npm install', 'proxy')];
    expect(await setup(files, installs, [ci('npm test', 'proxy')])).toEqual([
      'npm install --no-package-lock --no-audit --no-fund',
      "cd 'proxy' && npm install --no-package-lock --no-audit --no-fund",
    ]);
  });
  test('a folder with a lockfile of its own, in which CI tests', async () => {
    const own = { ...files, 'proxy/package-lock.json': lockfile };
    expect(await setup(own, [], [ci('npm test', ''), ci('npm test', 'proxy')])).toEqual([
      'npm install --no-package-lock --no-audit --no-fund',
      "cd 'proxy' && npm ci --no-audit --no-fund",
    ]);
  });
  test('not a package of a workspace, which the root installs', async () => {
    const root = JSON.stringify({ ...JSON.parse(manifest), workspaces: ['proxy'] });
    const installs = [ci('npm ci', 'proxy')];
    expect(
      await setup({ ...files, 'package.json': root, 'package-lock.json': lockfile }, installs, [
        ci('npm test', 'proxy'),
      ]),
    ).toEqual(['npm ci --no-audit --no-fund']);
  });
  test('not the Node packages of a folder in which CI installs those of another language', async () => {
    const other = { ...files, 'proxy/mix.exs': '' };
    expect(await setup(other, [ci('mix deps.get', 'proxy')], [ci('npm test', '')])).toEqual([
      'npm install --no-package-lock --no-audit --no-fund',
    ]);
  });
  test('what only guessed tests need, if the machine has their program', async () => {
    const go = { 'package.json': manifest, 'tool/go.mod': 'module a\n', 'tool/a_test.go': '' };
    expect(await setup(go, [], [ci('npm test', '')])).toEqual([
      'npm install --no-package-lock --no-audit --no-fund',
      "if command -v go > /dev/null; then cd 'tool' && go mod download; fi",
    ]);
  });
  test('the tests of another language below the root', async () => {
    const python = { ...files, 'api/requirements.txt': 'pytest', 'api/tests/test_a.py': '' };
    expect(await setup(python, [], [ci('npm test', ''), ci('pytest', 'api')])).toContain(
      "cd 'api' && python -m pip install --quiet -r requirements.txt",
    );
  });
});

test('a folder whose tests do not run is not installed', async () => {
  const files = {
    'package.json': JSON.stringify({ scripts: { test: 'vitest run', check: './check' } }),
    'php/composer.json': '{}',
    'php/phpunit.xml': '<phpunit/>',
    'php/tests/ATest.php': '',
  };
  expect(await setup(files, [], [])).toContainEqual(expect.stringContaining('composer install'));
  expect(await setup(files, [], [ci('npm run check', '')])).toEqual([]);
});

test('npm ignores conflicts between packages only where it does so in CI', async () => {
  const files = {
    'package.json': manifest,
    'package-lock.json': lockfile,
    'web/package.json': manifest,
    'web/package-lock.json': lockfile,
  };
  const installs = [ci('npm ci', ''), ci('npm ci --legacy-peer-deps', 'web')];
  expect(await setup(files, installs, [ci('npm test', '')])).toEqual([
    'npm ci --no-audit --no-fund',
    "cd 'web' && npm ci --legacy-peer-deps --no-audit --no-fund",
  ]);
});
