import { describe, expect, test } from '@jest/globals';
import { emptyEnvironment } from '../../../src/environment/environment.js';
import { findCommands } from '../../../src/evidence/commands/find-commands.js';
import { findRunner } from '../../../src/evidence/commands/find-runner.js';

const nothing = { setup: null, setupAdds: [], test: null };
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

describe('findCommands finds the test command, or none, of a repository', () => {
  const table: [string, Record<string, string>, string | undefined, string | undefined][] = [
    ['node:test', node('node --test'), 'npm test', 'node:test'],
    [
      'node:test under c8',
      node('npm run unit && npm run tsd', { scripts: { unit: 'c8 --100 node --test', tsd: 'tsd' } }),
      'npm test',
      'node:test',
    ],
    [
      'mocha of a script under nyc',
      node('cross-env A=1 nyc -s npm run unit', { scripts: { unit: 'mocha' } }),
      'npm test',
      'mocha',
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
    ['jest through react-scripts', node('react-scripts --max-old-space-size=4096 test'), 'npm test', 'jest'],
    [
      'a program that starts the tests of many packages',
      node('turbo run test', { top: { workspaces: ['packages/*'] } }),
      'npm test',
      'command',
    ],
    ['a script that calls itself without end', node('npm test'), 'npm test', 'command'],
    [
      'pytest',
      { 'pyproject.toml': '[tool.pytest.ini_options]', 'tests/test_a.py': '' },
      'python3 -m pytest',
      'pytest',
    ],
    [
      'pytest and requirements',
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
      'the unittest of Django',
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
      'minitest of Rails',
      { Gemfile: '', 'bin/rails': '', Rakefile: 'Rails.application.load_tasks' },
      'bin/rails test',
      'minitest',
    ],
    ['PHPUnit', { 'composer.json': '{}', 'phpunit.xml.dist': '' }, 'vendor/bin/phpunit', 'phpunit'],
    ['.NET', { 'A.sln': '', 'A.Tests/A.Tests.csproj': '' }, 'dotnet test --no-restore', 'dotnet'],
    [
      'both kinds of JVM build files',
      { 'pom.xml': '', 'build.gradle': '', 'src/test/A.java': '' },
      'mvn -B -o test',
      'maven',
    ],
    ['a Makefile', { Makefile: 'build:\n\ntest: build\n\t./run' }, 'make test', 'command'],
    [
      'a Makefile beside Node without tests',
      { 'package.json': '{}', Makefile: 'test:\n' },
      'make test',
      'command',
    ],
    ["only npm's placeholder", node('echo "Error: no test specified" && exit 1'), undefined, undefined],
    ['a broken package.json', { 'package.json': '{"scripts":' }, undefined, undefined],
    ['no file at all', {}, undefined, undefined],
  ];
  test.each(table)('that uses %s', async (_, files, command, runner) => {
    const { tests, notes } = await find(files);
    expect(tests.map((one) => [one.command, one.runner])).toEqual(command ? [[command, runner]] : []);
    expect(notes).toHaveLength(command ? 0 : 1);
  });
});

test('findCommands leaves out the usual script of a package if CI names other scripts of it', async () => {
  const files = node('run-s lint test:*', { scripts: { 'test:lib': 'jest', lint: 'xo' } });
  const readFile = async (file: string) => (files as Record<string, string>)[file] ?? null;
  const ofCi = { command: 'npm run test:lib', folder: '', source: 'ci.yml' };
  const environment = { ...emptyEnvironment, tests: [ofCi] };
  const { tests } = await findCommands(
    { files: new Set(Object.keys(files)), readFile },
    nothing,
    environment,
  );
  expect(tests.map(({ command }) => command)).toEqual(['npm run test:lib']);
});

describe('findCommands finds the package manager that installs dependencies', () => {
  const top = { devDependencies: { x: '1' } };
  const last = async (files: Record<string, string>) =>
    (await find({ ...node('x', { top }), ...files })).setup;

  test('npm leaves no lockfile where the repository keeps none', async () => {
    expect(await last({ 'package-lock.json': '' })).toEqual(['npm ci --no-audit --no-fund']);
    expect(await last({})).toEqual(['npm install --no-package-lock --no-audit --no-fund']);
  });
  test('pnpm is installed in a version that fits the lockfile, where the server lacks it', async () => {
    expect(await last({ 'pnpm-lock.yaml': "lockfileVersion: '6.0'\n" })).toEqual([
      'case "$(cd / && COREPACK_ENABLE_NETWORK=0 pnpm --version 2>/dev/null)" in 8.*) ;; *) false;; esac || npm install --global --prefix "$HOME/.local" --no-audit --no-fund pnpm@8',
      'pnpm install --frozen-lockfile',
    ]);
  });
  test('the packageManager of package.json gives the exact version', async () => {
    const files = node('x', { top: { ...top, packageManager: 'yarn@4.5.0+sha512.abc' } });
    const { setup, tests } = await find({ ...files, 'yarn.lock': '__metadata:\n  version: 8\n' });
    expect(setup[0]).toContain('@yarnpkg/cli-dist@4.5.0');
    expect(setup.at(-1)).toBe('yarn install --immutable');
    expect(tests[0]?.command).toBe('yarn test');
  });
  test('Yarn 1 leaves its lockfile as it was', async () => {
    const setup = await last({ 'yarn.lock': '# yarn lockfile v1\n' });
    expect(setup).toHaveLength(2);
    expect(setup[1]).toContain('yarn install --frozen-lockfile; code=$?; mv yarn.lock.committed yarn.lock');
  });
  test('Yarn is there before the installation if scripts or CI call it beside npm', async () => {
    const yarn = expect.stringContaining('yarn@1');
    const npm = 'npm install --no-package-lock --no-audit --no-fund';
    const top = { devDependencies: { jest: '1' } };
    const scripts = { prepare: 'yarn build', build: 'tsc' };
    expect((await find(node('jest', { scripts, top }))).setup).toEqual([yarn, npm]);
    expect((await find(node('jest --cacheDirectory .yarn', { top }))).setup).toEqual([npm]);
    const readFile = async (file: string) => (file === 'package.json' ? JSON.stringify(top) : null);
    const tests = [{ command: 'yarn jest', folder: '', source: 'ci.yml' }];
    const tree = { files: new Set(['package.json']), readFile };
    const inCi = await findCommands(tree, nothing, { ...emptyEnvironment, tests });
    expect(inCi.setup).toEqual([yarn, npm]);
  });

  test('CI installs again what a command before the tests writes into the package.json', async () => {
    const one = (command: string) => ({ command, folder: '', source: 'ci.yml' });
    const environment = {
      ...emptyEnvironment,
      ...{ installs: [one('npm install')], tests: [one('npm test')] },
      preparation: [one('cp install/package.json package.json'), one('node app --setup')],
    };
    const setupOf = async (...files: string[]) => {
      const tree = { files: new Set(files), readFile: async () => null };
      return (await findCommands(tree, nothing, environment)).setup;
    };
    const [copy, start] = environment.preparation.map(({ command }) => command);
    expect(await setupOf()).toEqual([copy, 'npm install', start]);
    expect(await setupOf('package.json')).toEqual([copy, start]);
  });

  test('nothing is installed where there are no dependencies', async () => {
    expect((await find(node('node --test'))).setup).toEqual([]);
    expect((await find({ ...node('node --test'), 'yarn.lock': '# yarn lockfile v1\n' })).setup).toEqual([
      expect.stringContaining(' yarn --version '),
    ]);
    expect((await find({ 'tests/test_a.py': '' })).setup).toEqual([]);
  });
});

test('a script of the root that only calls that of a folder needs the setup of the folder, and runs once', async () => {
  const files = {
    ...node('cd api && npm test'),
    'api/package.json': '{"scripts": {"test": "jest"}, "devDependencies": {"jest": "1"}}',
  };
  const tests = [{ command: 'npm test', folder: 'api', runner: 'jest', takesArguments: false }];
  const setup = ["cd 'api' && npm install --no-package-lock --no-audit --no-fund"];
  expect(await find(files)).toMatchObject({ setup, tests });
  const all: Record<string, string> = files;
  const tree = { files: new Set(Object.keys(all)), readFile: async (file: string) => all[file] ?? null };
  const ci = [{ command: 'npm run test', folder: 'api', source: 'ci.yml' }];
  const found = await findCommands(tree, nothing, { ...emptyEnvironment, tests: ci });
  expect(found.tests).toMatchObject([{ command: 'npm run test', folder: 'api' }]);
});

describe('findCommands takes the commands of the settings first', () => {
  test.each([
    ['npm run unit', 'mocha'],
    ['npx vitest run', 'vitest'],
    ['python3 -m pytest -q', 'pytest'],
    ['go vet ./... && go test ./...', 'command'],
    ['./check.sh', 'command'],
  ])('%s is a command of the runner %s', async (command, runner) => {
    const files = node('node --test', { scripts: { unit: 'mocha' } });
    const found = await find(files, {
      setup: ['./install'],
      setupAdds: ['./build'],
      test: [{ command, folder: '' }],
    });
    expect(found).toMatchObject({ setup: ['./install', './build'], tests: [{ command, runner }] });
  });
});

test('a Makefile that runs the tests gets the setup of every language in the repository', async () => {
  const { setup, tests } = await find({ 'go.mod': '', 'requirements.txt': 'x', Makefile: 'test:' });
  expect(tests[0]?.command).toBe('make test');
  expect(setup).toEqual([
    expect.stringContaining('venv'),
    'python -m pip install --quiet -r requirements.txt',
    'go mod download',
  ]);
});

test('tests of Python run without a program that installs packages into an environment of its own', async () => {
  const files = {
    'pyproject.toml': '[project]\nname = "x"',
    'tests/test_a.py': 'import pytest',
    'tox.ini': 'pytest',
  };
  const commandsOf = async (tree: Record<string, string>, command: string) => {
    const readFile = async (file: string) => tree[file] ?? null;
    const tests = [{ command, folder: '', source: '.github/workflows/ci.yml' }];
    const all = { files: new Set(Object.keys(tree)), readFile };
    return (await findCommands(all, nothing, { ...emptyEnvironment, tests })).tests.map((one) => one.command);
  };
  expect(await commandsOf(files, 'tox -e py312')).toEqual(['python -m pytest']);
  expect(await commandsOf(files, 'python -m nox -s tests')).toEqual(['python -m pytest']);
  expect(await commandsOf(files, 'pytest -x')).toEqual(['pytest -x']);
  expect(await commandsOf({ 'setup.py': '' }, 'tox')).toEqual(['tox']);
});

test.each([
  ["A=b DB='x y' npm test", "export A=b DB='x y' && npx --no-install mocha"],
  ['npm test', 'npx --no-install mocha'],
])('the command of CI `%s` can run without its checks', async (command, withoutChecks) => {
  const text = JSON.stringify({ scripts: { test: 'eslint . && mocha' } });
  const tree = { files: new Set(['package.json']), readFile: async () => text };
  const tests = [{ command, folder: '', source: '.github/workflows/ci.yml' }];
  const found = await findCommands(tree, nothing, { ...emptyEnvironment, tests });
  expect(found.tests).toMatchObject([{ command, runner: 'mocha', withoutChecks }]);
});

test.each([
  ['A="b c" D=e pnpm test --coverage', { test: 'vitest' }, 'vitest'],
  ['npm run test:all', { 'test:all': 'cross-env NODE_ENV=test npm run unit', unit: 'jest' }, 'jest'],
])('behind variables, the runner of `%s` is found', (command, scripts, runner) => {
  expect(findRunner(command, scripts).runner).toBe(runner);
});
