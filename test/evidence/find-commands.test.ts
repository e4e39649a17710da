import { describe, expect, test } from '@jest/globals';
import { findCommands } from '../../src/evidence/find-commands.js';

const nothing = { setup: null, test: null };
function find(files: Record<string, string>, settings: Parameters<typeof findCommands>[1] = nothing) {
  const readFile = async (file: string) => files[file] ?? null;
  return findCommands({ files: new Set(Object.keys(files)), readFile }, settings);
}
const node = (test: string, more: object = {}) => ({
  'package.json': JSON.stringify({
    scripts: { test, ...('scripts' in more ? (more.scripts as object) : {}) },
    ...('top' in more ? (more.top as object) : {}),
  }),
});

describe('the tests of a repository are found by its files', () => {
  const table: [string, Record<string, string>, string | undefined, string | undefined][] = [
    ['node:test', node('node --test'), 'npm test', 'node:test'],
    [
      'node:test under c8',
      node('npm run unit && npm run tsd', { scripts: { unit: 'c8 --100 node --test', tsd: 'tsd' } }),
      'npm test',
      'node:test',
    ],
    [
      'vitest behind a linter',
      node('npm run lint && npm run test:vi', { scripts: { lint: 'biome', 'test:vi': 'vitest run' } }),
      'npm test',
      'vitest',
    ],
    [
      'mocha with a reporter',
      node('mocha --require x --reporter spec --check-leaks test/ test/acceptance/'),
      'npm test',
      'mocha',
    ],
    [
      'jest with NODE_OPTIONS',
      node('cross-env NODE_OPTIONS=--experimental-vm-modules jest --coverage'),
      'npm test',
      'jest',
    ],
    ['react-scripts', node('react-scripts --max-old-space-size=4096 test'), 'npm test', 'jest'],
    [
      'a turbo monorepo',
      node('turbo run test', { top: { workspaces: ['packages/*'] } }),
      'npm test',
      'command',
    ],
    ['a script that calls itself', node('npm test'), 'npm test', 'command'],
    [
      'pytest',
      { 'pyproject.toml': '[tool.pytest.ini_options]', 'tests/test_a.py': '' },
      'python3 -m pytest',
      'pytest',
    ],
    [
      'pytest with requirements',
      { 'requirements.txt': 'pytest', 'tests/test_a.py': '' },
      'python -m pytest',
      'pytest',
    ],
    [
      'unittest',
      { 'tests/__init__.py': '', 'tests/test_a.py': '' },
      'python3 -m unittest discover',
      'unittest',
    ],
    [
      'unittest in a plain folder',
      { 'tests/test_a.py': '' },
      'python3 -m unittest discover -s tests -t .',
      'unittest',
    ],
    [
      'Django',
      { 'manage.py': '', 'requirements.txt': 'django', 'shop/tests.py': '' },
      'python manage.py test',
      'unittest',
    ],
    ['Go', { 'go.mod': '', 'a_test.go': '' }, 'go test ./...', 'go'],
    ['Rust', { 'Cargo.toml': '' }, 'cargo test', 'cargo'],
    ['Maven', { 'pom.xml': '', 'src/test/java/ATest.java': '' }, 'mvn -B -o test', 'maven'],
    [
      'Gradle',
      { 'build.gradle.kts': '', gradlew: '', 'app/src/test/kotlin/A.kt': '' },
      './gradlew --offline test',
      'gradle',
    ],
    ['RSpec', { Gemfile: '', 'spec/a_spec.rb': '' }, 'bundle exec rspec', 'rspec'],
    ['minitest', { Gemfile: '', 'test/a_test.rb': '' }, 'bundle exec rake test', 'minitest'],
    [
      'Rails',
      { Gemfile: '', 'bin/rails': '', Rakefile: 'Rails.application.load_tasks' },
      'bin/rails test',
      'minitest',
    ],
    ['PHPUnit', { 'composer.json': '{}', 'phpunit.xml.dist': '' }, 'vendor/bin/phpunit', 'phpunit'],
    ['.NET', { 'A.sln': '', 'A.Tests/A.Tests.csproj': '' }, 'dotnet test --no-restore', 'dotnet'],
    ['a Makefile', { Makefile: 'build:\n\ntest: build\n\t./run' }, 'make test', 'command'],
    [
      'a Makefile beside Node without tests',
      { 'package.json': '{}', Makefile: 'test:\n' },
      'make test',
      'command',
    ],
    ["npm's placeholder", node('echo "Error: no test specified" && exit 1'), undefined, undefined],
    ['a broken package.json', { 'package.json': '{"scripts":' }, undefined, undefined],
    ['an empty repository', {}, undefined, undefined],
  ];
  test.each(table)('%s', async (_, files, command, runner) => {
    const { test: found, notes } = await find(files);
    expect([found?.command, found?.runner]).toEqual([command, runner]);
    expect(notes).toHaveLength(command ? 0 : 1);
  });
});

describe('dependencies are installed by the manager of the lockfile', () => {
  const top = { devDependencies: { x: '1' } };
  const last = async (files: Record<string, string>) =>
    (await find({ ...node('x', { top }), ...files })).setup;

  test('npm, without leaving a lockfile that the repository does not keep', async () => {
    expect(await last({ 'package-lock.json': '' })).toEqual(['npm ci --no-audit --no-fund']);
    expect(await last({})).toEqual(['npm install --no-package-lock --no-audit --no-fund']);
  });
  test('pnpm, in a version that fits the lockfile, is installed where the server lacks it', async () => {
    expect(await last({ 'pnpm-lock.yaml': "lockfileVersion: '6.0'\n" })).toEqual([
      'command -v pnpm >/dev/null || npm install --global --prefix "$HOME/.local" --no-audit --no-fund pnpm@8',
      'pnpm install --frozen-lockfile',
    ]);
  });
  test('packageManager gives the exact version', async () => {
    const files = node('x', { top: { ...top, packageManager: 'yarn@4.5.0+sha512.abc' } });
    const { setup, test: found } = await find({ ...files, 'yarn.lock': '__metadata:\n  version: 8\n' });
    expect(setup[0]).toContain('@yarnpkg/cli-dist@4.5.0');
    expect(setup.at(-1)).toBe('yarn install --immutable');
    expect(found?.command).toBe('yarn test');
  });
  test("yarn's first version gets its lockfile back as it was", async () => {
    const setup = await last({ 'yarn.lock': '# yarn lockfile v1\n' });
    expect(setup.slice(2)).toEqual(['yarn install --frozen-lockfile', 'mv yarn.lock.committed yarn.lock']);
  });
  test('nothing is installed where nothing is needed', async () => {
    expect((await find(node('node --test'))).setup).toEqual([]);
    expect((await find({ 'tests/test_a.py': '' })).setup).toEqual([]);
  });
});

describe('what the settings say comes first', () => {
  test.each([
    ['npm run unit', 'mocha'],
    ['npx vitest run', 'vitest'],
    ['python3 -m pytest -q', 'pytest'],
    ['go vet ./... && go test ./...', 'command'],
    ['./check.sh', 'command'],
  ])('%s is run by %s', async (command, runner) => {
    const files = node('node --test', { scripts: { unit: 'mocha' } });
    const found = await find(files, { setup: ['./install'], test: command });
    expect(found).toMatchObject({ setup: ['./install'], test: { command, runner } });
  });
});
