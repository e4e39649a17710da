import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseReports } from '../../src/evidence/parse-reports.js';
import { reportsPath } from '../../src/evidence/runners/runner.js';
import { createTestScript, splitOutput } from '../../src/evidence/test-script.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

/* Programs that print their arguments stand for the real ones, which not every machine has. */
let temporary: Awaited<ReturnType<typeof createTemporaryFolder>>;
let folder: string;

beforeAll(async () => {
  temporary = await createTemporaryFolder();
  folder = realpathSync(temporary.path);
  mkdirSync(path.join(folder, 'programs'));
  mkdirSync(path.join(folder, 'vendor/bin'), { recursive: true });
  const goLines = [
    '{"Action":"start","Package":"example.org/x"}',
    '{"Action":"output","Package":"example.org/x","Test":"TestA","Output":"--- PASS: TestA \\u003ca\\u003e \\"b\\"\\t(0.00s)\\n"}',
    '{"Action":"pass","Package":"example.org/x","Test":"TestA"}',
    '{"Action":"output","Package":"example.org/x","Output":"FAIL\\n","OutputType":"frame"}',
    '{"Action":"fail","Package":"example.org/x","Test":"TestB"}',
  ];
  write(
    'programs/go',
    `#!/bin/bash\n[ "$*" = "test -json -tags x ./..." ] || { echo "go $*"; exit 0; }\ncat <<'E'\n${goLines.join('\n')}\nE\nexit 1\n`,
  );
  for (const name of ['php', 'dotnet']) write(`programs/${name}`, `#!/bin/bash\necho "${name} $*"\n`);
  write('vendor/bin/phpunit', '#!/usr/bin/env php\n<?php\n');
});
afterAll(() => temporary.remove());

function write(name: string, text: string) {
  writeFileSync(path.join(folder, name), text);
  chmodSync(path.join(folder, name), 0o755);
}

/** Runs the script of a test command in this folder, which also has the reports. */
function run(command: string) {
  const test = { command, folder: '', runner: 'command', takesArguments: false };
  const { script, env } = createTestScript(test, { delimiter: 'MARK', seconds: 20 });
  const reports = path.join(folder, 'reports');
  const inFolder = script.replaceAll(reportsPath, reports);
  execFileSync('rm', ['-rf', reports]);
  const PATH = `${folder}/programs:${process.env.PATH}`;
  const { stdout, status } = spawnSync('bash', ['-c', inFolder], {
    cwd: folder,
    env: { ...process.env, PATH, MAVEN_ARGS: env.MAVEN_ARGS },
    encoding: 'utf8',
    input: 'MARK\n',
  });
  const read = parseReports(test, splitOutput(stdout, 'MARK').reports, '');
  const cases = read.cases.map(({ id, outcome }) => [id, outcome]);
  return { printed: stdout.split('\nMARK ')[0]?.trim(), status, reports, cases, runners: read.runners };
}

test('go behind another command prints as always, and its results are read', () => {
  write('run.sh', 'go version; go test -tags x ./...');
  const { printed, status, reports } = run('./run.sh');
  expect(printed).toBe('go version\n--- PASS: TestA <a> "b"\t(0.00s)\nFAIL');
  expect(status).toBe(1);
  const text = readFileSync(path.join(reports, 'go.jsonl'), 'utf8');
  const test = { command: './run.sh', folder: '', runner: 'command', takesArguments: false };
  expect(
    parseReports(test, [{ runner: 'go', text }], '').cases.map(({ id, outcome }) => [id, outcome]),
  ).toEqual([
    ['example.org/x › TestA', 'passed'],
    ['example.org/x › TestB', 'failed'],
  ]);
});

test('a program that reads the results of go itself gets them', () => {
  const { printed } = run('go test -json -tags x ./... | grep -c Action');
  expect(printed).toBe('5');
});

test.each([
  [
    'vendor/bin/phpunit --filter A',
    /^php vendor\/bin\/phpunit --filter A --log-junit \S+\/reports\/phpunit-\d+\.xml$/,
  ],
  ['php -d memory_limit=1G vendor/bin/phpunit', / --log-junit \S+$/],
  ['php artisan test', / --log-junit \S+$/],
  ['php artisan migrate', /^php artisan migrate$/],
  ['dotnet test A.sln -- x', /^dotnet test --logger trx --results-directory \S+\/reports A\.sln -- x$/],
  ['dotnet build', /^dotnet build$/],
])('%s behind another command is asked for a report only if it runs tests', (command, expected) => {
  write('run.sh', command);
  expect(run('./run.sh; true').printed).toMatch(expected);
});

test.each([
  ['make test', 'mvn', 'target/surefire-reports/TEST-A.xml', 'maven'],
  ['npm run --silent test:java', './mvnw', 'service/target/failsafe-reports/TEST-B.xml', 'maven'],
  ['./run.sh', './gradlew', 'service/build/test-results/test/TEST-C.xml', 'gradle'],
])('the results behind `%s`, which starts %s, are read', (command, program, file, runner) => {
  const xml =
    '<testsuite><testcase classname="A" name="works"/><testcase classname="A" name="breaks"><failure/></testcase></testsuite>';
  const body = `#!/bin/bash\necho "$MAVEN_ARGS"; mkdir -p "$(dirname ${file})"\nsleep 0.01; echo '${xml}' > ${file}; exit 1\n`;
  write(program.startsWith('./') ? program : `programs/${program}`, body);
  write('Makefile', `test:\n\t@${program} -B test\n`);
  write('package.json', JSON.stringify({ scripts: { 'test:java': `${program} -B verify` } }));
  write('run.sh', `${program} check`);
  const { printed, status, cases, runners } = run(command);
  expect(printed).toContain('--offline --fail-at-end');
  expect(status).not.toBe(0);
  expect(cases).toEqual([
    ['A › works', 'passed'],
    ['A › breaks', 'failed'],
  ]);
  expect(runners).toEqual([runner]);
  rmSync(path.join(folder, file));
});
