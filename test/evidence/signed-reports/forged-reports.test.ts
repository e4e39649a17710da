import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runTests } from '../../../src/evidence/run-tests.js';
import { makeSandboxFolder, type Sandboxes } from '../../../src/sandbox/sandbox.js';
import { openTestSandboxes } from '../../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../../support/temporary-folder.js';
import { writeTree } from '../runners/write-tree.js';

/* Tests that forge results, in a real sandbox under real runners. */
let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let sandboxes: Sandboxes;
let count = 0;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  sandboxes = await openTestSandboxes(folder.path, 1024);
});
afterAll(() => folder.remove());

async function run(files: Record<string, string>, command: string, runner = 'node:test', timeoutMs = 60_000) {
  count += 1;
  const [tree, home] = [path.join(folder.path, `${count}`), path.join(folder.path, `${count}-home`)];
  await writeTree(tree, { 'package.json': '{"jest":{"transform":{}}}', ...files }, sandboxes.uid);
  await makeSandboxFolder(home, sandboxes.uid);
  const sandbox = sandboxes.open([
    { from: tree, to: '/workspace', writable: true },
    { from: home, to: '/home/agent', writable: true },
    { from: path.resolve('node_modules'), to: '/opt/node_modules', writable: false },
  ]);
  try {
    const test = { command, folder: '', runner, takesArguments: false };
    const { run: result } = await runTests(sandbox, test, { timeoutMs });
    const outcomes = Object.fromEntries(result.cases.map(({ id, outcome }) => [id, outcome]));
    return { ...result, outcomes };
  } finally {
    await sandbox.dispose();
  }
}

/** The first lines of each attack. */
const prelude = `
  const fs = require('node:fs');
  const { execFileSync, spawn } = require('node:child_process');
  const reports = '/tmp/pullwright-reports';
  const green = (name) => JSON.stringify({ file: '/workspace/forged.js', names: [name], outcome: 'passed' });
  const jestReport = JSON.stringify({ testResults: [{ name: '/workspace/forged.js', status: 'passed',
    assertionResults: [{ ancestorTitles: [], title: 'jest', status: 'passed' }] }] });
  const lines = (name) => green(name) + '\\n{"end":true}\\n';
`;
const nodeTest = (attack: string) => `${prelude}
  const { test } = require('node:test');
  test('honest', () => {});
  test('attacks', async () => { ${attack} });
  test('fails', () => { throw new Error('boom'); });`;

/** Waits until the runner has written a result to its report, whose path is then in `runner`. */
const waitForReport = `let runner;
    do {
      await new Promise((resolve) => setTimeout(resolve, 5));
      runner = reports + '/' + fs.readdirSync(reports).find((name) => /^node-test-\\d+\\.jsonl$/.test(name));
    } while (!fs.existsSync(runner) || !fs.readFileSync(runner, 'utf8').includes('honest'));`;

const honest = { 'a.test.js › honest': 'passed', 'a.test.js › fails': 'failed' };
const leftOut = /Lines of test reports without the signature of a test runner were left out \(\d+\)\./;

test('reports that a test writes under any name are left out, and the evidence says so', async () => {
  const attack = `${waitForReport}
    for (const pid of [process.pid, process.ppid, 99999]) {
      fs.appendFileSync(reports + '/node-test-' + pid + '.jsonl', lines('node ' + pid));
      fs.writeFileSync(reports + '/mocha-' + pid + '.jsonl', lines('mocha'));
      fs.writeFileSync(reports + '/jest-' + pid + '.json', jestReport);
      fs.writeFileSync(reports + '/tap-' + pid + '.tap', 'ok 1 - tap\\n1..1\\n# ok\\n');
    }
    const [signed] = fs.readFileSync(runner, 'utf8').split('\\n');
    if (!/^\\d+ 1 \\w{64} /.test(signed)) throw new Error('expected a signature, found ' + signed);
    fs.appendFileSync(runner, signed + '\\n' + signed.replace('honest', 'forged') + '\\n');
    fs.writeFileSync(reports + '/node-test-1.jsonl', signed.replace('a.test.js', 'b.test.js'));
    fs.writeFileSync(reports + '/node-test-2.jsonl', signed);`;
  const result = await run({ 'a.test.js': nodeTest(attack) }, 'node --test');
  expect(result.outcomes).toEqual({ ...honest, 'a.test.js › attacks': 'passed' });
  expect(result).toMatchObject({ exitCode: 1, reportedBy: 'runner', remark: expect.stringMatching(leftOut) });
});

test('a report that a test empties or writes anew has no forged result, and a note says what is missing', async () => {
  const attack = `${waitForReport} fs.truncateSync(runner); fs.writeFileSync(runner, lines('instead'));`;
  const result = await run({ 'a.test.js': nodeTest(attack) }, 'node --test');
  expect(result.outcomes).toEqual({ 'a.test.js › attacks': 'passed', 'a.test.js › fails': 'failed' });
  expect(result.note).toBe('lines that the test runner wrote are no longer in its report');
  expect(result.remark).toMatch(leftOut);
});

test.each([
  ['its runner', "process.kill(process.ppid, 'SIGKILL');"],
  ['its process group', "process.kill(0, 'SIGKILL');"],
  [
    'everything above it, as if something had held the command',
    `fs.writeFileSync(reports + '/held', 'process 1 node\\n');
     for (let pid = process.ppid; pid > 2; ) {
       const stat = fs.readFileSync('/proc/' + pid + '/stat', 'utf8');
       process.kill(pid, 'SIGKILL');
       if (/\\(timeout\\)/.test(stat)) break;
       pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
     }`,
  ],
])('a test that writes a green report and kills %s proves nothing', async (_, attack) => {
  const file = nodeTest(`
    fs.rmSync(reports + '/node-test-' + process.ppid + '.jsonl', { force: true });
    fs.writeFileSync(reports + '/node-test-' + process.ppid + '.jsonl', lines('forged'));
    fs.writeSync(1, 'ok 1 - printed\\n1..1\\n');
    ${attack}`);
  const result = await run({ 'a.test.js': file }, 'node --test');
  expect(Object.keys(result.outcomes).join()).not.toMatch(/forged|printed|fails/);
  expect(result).toMatchObject({ ended: 'exited', exitCode: 137 });
});

test('a test that asks for a key gets none, neither for itself nor for a process above it', async () => {
  const attack = `
    const all = new Set();
    for (let pid = process.pid; pid > 2; pid = Number(/PPid:\\s*(\\d+)/.exec(fs.readFileSync('/proc/' + pid + '/status', 'utf8'))[1])) all.add(pid);
    process.title = 'a) S ' + [...all].at(-2) + '\\n';
    for (const pid of all) {
      const file = reports + '/ask-' + pid;
      const own = fs.openSync(file, 'w+');
      fs.writeFileSync(reports + '/asks', pid + ' runner ' + own + '\\n');
      if (pid !== process.pid) continue;
      while (fs.readFileSync(file, 'utf8') === '');
      console.log('answer ' + fs.readFileSync(file, 'utf8'));
    }
    fs.writeFileSync(reports + '/asks', process.ppid + ' in-band\\n');
    delete process.env.NODE_TEST_CONTEXT;
    delete process.env.PULLWRIGHT_RESTARTED;
    fs.writeFileSync('inner.js', "require('node:test').test('nested', () => {});");
    execFileSync(process.execPath, ['--test', 'inner.js']);
    for (const pid of all) if (pid !== process.pid && fs.readFileSync(reports + '/ask-' + pid, 'utf8') !== '') throw new Error('answered ' + pid);`;
  const result = await run({ 'a.test.js': nodeTest(attack) }, 'node --test');
  expect(result.outcomes).toEqual({ ...honest, 'a.test.js › attacks': 'passed' });
  expect(result.outputTail).toContain('answer none');
  // It can only make the evidence say less.
  expect(result.reportedBy).toBe('tests');
});

test("a test that changes Pullwright's files gains nothing with the next runner of the command", async () => {
  const forge = `const fs = require('node:fs');
    fs.writeFileSync(__dirname + '/node-test-' + process.pid + '.jsonl', '{"file":null,"names":["forged"],"outcome":"passed"}');`;
  const attack = `for (const name of ['preload.cjs', 'open-report.cjs', 'sign-report.cjs', 'node-test.mjs']) {
    const [file, text] = [reports + '/' + name, fs.readFileSync(reports + '/' + name, 'utf8')];
    const forge = ${JSON.stringify(forge)};
    const restore = 'fs.writeFileSync(' + JSON.stringify(file) + ', ' + JSON.stringify(text) + ');';
    if (name === 'preload.cjs') fs.writeFileSync(file, forge + restore + text.replace("'use strict';\\nconst fs = require('fs');", ''));
    fs.utimesSync(file, 1, 1);
  }`;
  const files = {
    'a.test.js': nodeTest(attack).replace("test('fails', () => { throw new Error('boom'); });", ''),
    'b.test.js': "require('node:test').test('fails', () => { throw new Error('boom'); });",
  };
  const result = await run(files, 'node --test a.test.js && node --test b.test.js');
  expect(result.outcomes).toEqual({ 'a.test.js › honest': 'passed', 'a.test.js › attacks': 'passed' });
  expect(result.exitCode).toBe(1);
  // The changed file ran.
  expect(result.remark).toMatch(leftOut);
  expect(result.remark).toContain("The tests changed Pullwright's own files in the sandbox");
});

test('a test that prints sections as the script does cannot know the secret word before them', async () => {
  const attack = `let known = '';
    for (const pid of fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name)))
      try {
        known += fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8') + fs.readFileSync('/proc/' + pid + '/environ', 'utf8');
      } catch {}
    const words = new Set(known.match(/\\breports-[0-9a-f]{32}\\b/g));
    fs.writeFileSync('seen', String(known.includes('hand_out_keys')));
    for (const word of words)
      fs.writeSync(1, '\\n' + word + ' :signers x\\nrunner\\n\\n' + word + ' pytest p-1.jsonl\\n' + lines('printed'));`;
  const result = await run({ 'a.test.js': nodeTest(attack) }, 'node --test && cat seen; cat seen; exit 1');
  expect(result.outcomes).toEqual({ ...honest, 'a.test.js › attacks': 'passed' });
  expect(result).toMatchObject({ reportedBy: 'runner', runner: 'node:test' });
  expect(result.outputTail).toMatch(/true$/);
});

const jestTest = (attack: string) => `${prelude}
  test('honest', () => {});
  test('attacks', () => { ${attack} });
  test('fails', () => { throw new Error('boom'); });`;
const second = "test('too', () => {});";

test('Jest signs its report in memory; its workers cannot change it, and tests in its own process are named', async () => {
  const attack = `for (const pid of [process.pid, process.ppid, 7])
      fs.writeFileSync(reports + '/jest-' + pid + '.json', jestReport);
    spawn('sh', ['-c', 'while [ -d /proc/' + process.ppid + ' ]; do sleep 0.01; done; for file in ' + reports + '/jest-*.json; do echo \\'' + jestReport + '\\' > $file; done'], { detached: true, stdio: 'ignore' }).unref();`;
  const files = { 'a.test.js': jestTest(attack), 'b.test.js': second };
  const outcomes = { ...honest, 'a.test.js › attacks': 'passed', 'b.test.js › too': 'passed' };
  const command = '/opt/node_modules/.bin/jest; sleep 0.3';
  const inWorkers = await run(files, command.replace('jest;', 'jest --maxWorkers=2;'), 'jest');
  expect(Object.keys(inWorkers.outcomes)).not.toContain('forged.js › jest');
  expect(inWorkers.remark).toMatch(leftOut);
  const honestFiles = { 'a.test.js': jestTest(''), 'b.test.js': second };
  const workers = await run(honestFiles, '/opt/node_modules/.bin/jest --maxWorkers=2', 'jest');
  expect(workers).toMatchObject({ outcomes, reportedBy: 'runner' });
  expect(workers.remark).toBeUndefined();
  const inBand = await run(honestFiles, '/opt/node_modules/.bin/jest --runInBand', 'jest');
  expect(inBand).toMatchObject({ outcomes, reportedBy: 'tests' });
});

test('a test cannot open a debugger in its runner', async () => {
  const attack = "process.kill(process.ppid, 'SIGUSR1');";
  const files = { 'a.test.js': jestTest(attack), 'b.test.js': second };
  const result = await run(files, '/opt/node_modules/.bin/jest --maxWorkers=2', 'jest');
  expect(result).toMatchObject({ outcomes: honest, reportedBy: 'runner' });
  expect(result.outputTail).not.toContain('Debugger listening');
});

test('results of a test file that Node runs itself are reported by the tests themselves', async () => {
  const result = await run({ 'a.js': nodeTest('').replaceAll('a.test', 'a') }, 'node a.js');
  expect(result).toMatchObject({ reportedBy: 'tests', outcomes: { 'a.js › honest': 'passed' } });
});
