import { expect, test } from '@jest/globals';
import { emptyEnvironment } from '../../../src/environment/environment.js';
import { findCommands } from '../../../src/evidence/commands/find-commands.js';
import { createTestScript } from '../../../src/evidence/test-script.js';

const workflow = '.github/workflows/ci.yml';

/** Finds the commands of a repository whose CI runs this test. */
async function plan(command: string, files: Record<string, string>) {
  const all: Record<string, string> = { [workflow]: `run: ${command}`, ...files };
  const tree = { files: new Set(Object.keys(all)), readFile: async (file: string) => all[file] ?? null };
  const settings = { setup: null, setupAdds: [], test: null };
  const tests = [{ command, folder: '', source: workflow }];
  const found = await findCommands(tree, settings, { ...emptyEnvironment, tests });
  const runs = found.tests.map((one) => createTestScript(one, { delimiter: 'MARK', seconds: 60 }));
  return { ...found, names: found.tests.map((one) => `${one.command} (${one.runner})`), runs };
}

const java = { 'pom.xml': '<project/>', 'src/test/java/ATest.java': '' };

test('Maven behind its wrapper runs offline, after a setup that downloads what CI needs', async () => {
  const { setup, names, runs } = await plan('./mvnw -B verify', { ...java, mvnw: '' });
  expect(names).toEqual(['./mvnw -B verify (maven)']);
  expect(setup).toEqual([
    expect.stringMatching(
      /^\.\/mvnw -B -q verify -Dtest=NoTest\S* -Dit\.test=NoTest.* \|\| \.\/mvnw -B -q test -Dtest=/,
    ),
  ]);
  expect(runs[0]?.script).toContain('\n./mvnw -B verify -fae\n');
  expect(runs[0]?.env).toMatchObject({ MAVEN_ARGS: '--offline --fail-at-end' });
});

test.each([
  ['make test', { Makefile: 'test:\n\tmvn -B test\n' }],
  ['npm run test:java', { 'package.json': JSON.stringify({ scripts: { 'test:java': 'mvn test' } }) }],
])('Maven behind `%s` has its setup, and its reports are read', async (command, files) => {
  const { setup, names, runs } = await plan(command, { ...java, ...files });
  expect(names).toEqual([`${command} (command)`]);
  expect(setup.join('\n')).toMatch(/^mvn -B -q test -Dtest=/m);
  expect(runs[0]?.script).toContain("-path '*/target/*-reports/*.xml'");
  expect(runs[0]?.env).toMatchObject({ MAVEN_ARGS: '--offline --fail-at-end' });
});

test('Gradle behind its wrapper tests every module', async () => {
  const { setup, names, runs } = await plan('./gradlew check', {
    'build.gradle': '',
    gradlew: '',
    'src/test/java/ATest.java': '',
  });
  expect(names).toEqual(['./gradlew check (gradle)']);
  expect(setup).toEqual(['./gradlew testClasses']);
  expect(runs[0]?.script).toContain('\n./gradlew check --continue\n');
});

test('.NET behind make has its setup and its reports', async () => {
  const { setup, names, runs } = await plan('make test', {
    Makefile: 'test:\n\tdotnet test --no-restore\n',
    'App.sln': '',
    'App.Tests/App.Tests.csproj': '',
  });
  expect(names).toEqual(['make test (command)']);
  expect(setup).toEqual(['dotnet restore']);
  expect(runs[0]?.script).toContain('exec "$real" test --logger trx');
});

test.each([
  [
    'tox',
    {
      'tox.ini': `[tox]
envlist = py{310,311}-django{42,50}, lint
[testenv]
deps =
    pytest>=8  # the runner
    -r{toxinidir}/testing.txt
    django42: Django>=4.2,<5
commands = pytest {posargs}
[testenv:lint]
deps = ruff
`,
    },
    "python -m pip install --quiet 'pytest>=8' -rtesting.txt",
  ],
  [
    'nox -s tests',
    {
      'noxfile.py': `import nox

@nox.session(python=["3.10", "3.11"])
def tests(session: nox.Session) -> None:
    session.install(".[fast]", "pytest", "freezegun==1.5")
    session.run("pytest", *session.posargs)

@nox.session
def lint(session):
    session.install("ruff")
`,
    },
    "python -m pip install --quiet '.[fast]' 'pytest' 'freezegun==1.5'",
  ],
])(
  'the tests of %s run without it, with the packages of its environment',
  async (command, files, install) => {
    const { setup, names, runs } = await plan(command, {
      ...files,
      'pyproject.toml': '[project]\nname = "a"\n',
      'tests/conftest.py': '',
      'tests/test_a.py': '',
    });
    expect(names).toEqual(['python -m pytest (pytest)']);
    expect(setup).toContain(install);
    expect(setup.join('\n')).not.toContain('ruff');
    expect(runs[0]?.env.PYTEST_ADDOPTS).toContain('pullwright_pytest');
  },
);
