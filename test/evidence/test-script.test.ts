import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { keepTesting } from '../../src/evidence/runners/node/node-preload.js';
import { reportsPath } from '../../src/evidence/runners/runner.js';
import { createTestScript, splitOutput } from '../../src/evidence/test-script.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const create = (command: string, runner: string, files?: string[], takesArguments = true) =>
  createTestScript(
    { command, folder: '', runner, takesArguments },
    { files, delimiter: 'MARK', seconds: 60 },
  );

/** The command as the script runs it. */
function commandIn(...options: Parameters<typeof create>): string | undefined {
  return /tests\.sh <<'MARK'\n([\s\S]*?)\nMARK/.exec(create(...options).script)?.[1];
}

describe('the command is changed only where the runner gives results by an argument alone', () => {
  test.each([
    ['npm test', 'jest', 'npm test'],
    ['make test', 'command', 'make test'],
    ['python -m pytest', 'pytest', 'python -m pytest'],
    ['python3 -m unittest discover', 'unittest', 'python3 -m pullwright_unittest discover'],
    ['python manage.py test', 'unittest', 'python -m pullwright_unittest --run manage.py test'],
    ['go test ./...', 'go', 'go test -json ./... > /tmp/pullwright-reports/go.jsonl'],
    ['cargo test', 'cargo', '{ cargo test --no-fail-fast\n} 2>&1'],
    ['mvn -B -o test', 'maven', 'mvn -B -o test -fae'],
    ['./gradlew test', 'gradle', './gradlew test --continue'],
    ['phpunit', 'phpunit', 'phpunit --log-junit /tmp/pullwright-reports/phpunit.xml'],
    ['dotnet test', 'dotnet', 'dotnet test --logger trx --results-directory /tmp/pullwright-reports'],
  ])('%s of %s', (command, runner, expected) => {
    expect(commandIn(command, runner)).toBe(expected);
  });
});

describe('only the wanted test files run', () => {
  test('their names follow a command that takes them, quoted', () => {
    expect(commandIn('rspec', 'rspec', ['spec/a b_spec.rb', "spec/o'c_spec.rb"])).toBe(
      "rspec 'spec/a b_spec.rb' 'spec/o'\\''c_spec.rb'",
    );
  });
  test('a script that does not pass on its arguments is not changed', () => {
    expect(commandIn('make lint; pytest', 'pytest', ['test_a.py'], false)).toBe('make lint; pytest');
  });
  test('Go is told their folders', () => {
    expect(commandIn('go test ./...', 'go', ['a/x_test.go', 'a/y_test.go', 'b/z_test.go'])).toBe(
      "go test -json './a' './b' > /tmp/pullwright-reports/go.jsonl",
    );
  });
  test('their names are relative to the folder of the command', () => {
    const files = ['api/a_test.go', 'api/sub/b_test.go', 'web/c_test.go'];
    const inFolder = { command: 'go test ./...', folder: 'api', runner: 'go', takesArguments: true };
    const { script } = createTestScript(inFolder, { files, delimiter: 'MARK', seconds: 60 });
    expect(script).toContain("\ngo test -json './' './sub' > ");
    const elsewhere = createTestScript(
      { ...inFolder, folder: 'db' },
      { files, delimiter: 'MARK', seconds: 60 },
    );
    expect(elsewhere.script).toContain('\ngo test -json ./... > ');
  });
  test('reporters read their absolute paths from a list', () => {
    expect(create('npm test', 'jest', ['a.test.js']).script).toContain(
      "/files <<'MARK'\n/workspace/a.test.js\nMARK",
    );
  });
});

test('a package script may start any runner of Node, so all of them are asked', () => {
  const { script, env } = create('npm test', 'jest');
  expect(Object.keys(env)).toContain('NODE_OPTIONS');
  expect(Object.keys(env)).not.toContain('PYTEST_ADDOPTS');
  expect(env.npm_config_fetch_retries).toBe('0');
  for (const name of ['preload.cjs', 'programs.json', 'mocha.cjs', 'node-test.mjs'])
    expect(script).toContain(`cat > /tmp/pullwright-reports/${name} `);
  expect(script).toContain('/vitest-*.json');
});

test('pnpm runs the tests of every package, also after those of one have failed', () => {
  for (const runner of ['vitest', 'command'])
    expect(create('pnpm -r test', runner).script).toContain('export npm_config_bail=false');
  expect(create('pytest', 'pytest').script).not.toContain('npm_config_bail');
});

test('only a pnpm that runs the scripts of many packages goes on after a failure', async () => {
  const { path: folder, remove } = await createTemporaryFolder();
  try {
    await mkdir(`${folder}/bin`);
    await mkdir(`${folder}/programs`);
    await writeFile(`${folder}/pnpm-workspace.yaml`, '');
    // Like the real one, it passes its variables on to the pnpm that its script starts.
    const fake = '#!/bin/sh\necho "$* $npm_config_bail"\n[ "$1" != -r ] || exec pnpm test\n';
    await writeFile(`${folder}/programs/pnpm`, fake, { mode: 0o755 });
    const script = keepTesting.replaceAll(reportsPath, folder);
    const commands = ['pnpm test', 'pnpm test -- -r', 'pnpm --filter=a test', 'pnpm -r test'];
    const { stdout } = await promisify(execFile)('bash', ['-c', [script, ...commands].join('\n')], {
      cwd: folder,
      env: { PATH: `${folder}/programs:${process.env.PATH}` },
    });
    const lines = stdout.split('\n').map((line) => line.trim());
    expect(lines).toEqual(['test', 'test -- -r', '--filter=a test false', '-r test false', 'test', '']);
  } finally {
    await remove();
  }
});

test('any other command may start every runner that variables reach, so all of those are asked', () => {
  const { script, env } = create('make test', 'command');
  expect(Object.keys(env)).toEqual(
    expect.arrayContaining(['NODE_OPTIONS', 'PYTEST_ADDOPTS', 'RUBYOPT', 'SPEC_OPTS']),
  );
  expect(script).toContain('/rspec-*.jsonl');
  expect(script).toContain('/go.jsonl');
  expect(script).toContain('if real=$(command -v go); then');
  expect(script).not.toContain('/deno.xml');
});

test('the printed output is split from the reports behind it', () => {
  expect(splitOutput('ok\nMARKER\n\nMARK jest x.json\n\nMARK pytest p.jsonl\n{"a":1}\n', 'MARK')).toEqual({
    printed: 'ok\nMARKER\n',
    reports: [
      { runner: 'jest', file: 'x.json', text: '' },
      { runner: 'pytest', file: 'p.jsonl', text: '{"a":1}\n' },
    ],
    signers: null,
    coverage: null,
    starts: null,
    held: null,
    late: null,
    watchOptions: [],
  });
  expect(
    splitOutput(
      'ok\n\nMARK :held\nprocess 1 x\n\nMARK :late\nprocess 2 y\n\nMARK :watch\n--watch\n--watch\n',
      'MARK',
    ),
  ).toEqual({
    printed: 'ok\n',
    reports: [],
    signers: null,
    coverage: null,
    starts: null,
    held: 'process 1 x\n',
    late: 'process 2 y\n',
    watchOptions: ['--watch'],
  });
});
