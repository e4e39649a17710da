import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runTests } from '../../src/evidence/run-tests.js';
import { makeSandboxFolder, type Sandboxes } from '../../src/sandbox/sandbox.js';
import { openTestSandboxes } from '../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { hasPytest } from './runners/has-pytest.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let sandboxes: Sandboxes;
let count = 0;

beforeAll(async () => {
  folder = await createTemporaryFolder();
  // The limit counts the threads of all sandboxes on this machine, and npm with a runner's workers has many.
  sandboxes = await openTestSandboxes(folder.path, 1024);
});
afterAll(() => folder.remove());

/** Runs a small repository's tests with a real runner in a real sandbox. */
async function run(
  files: Record<string, string>,
  command: string,
  {
    runner = 'command',
    timeoutMs = 60_000,
    only = undefined as string[] | undefined,
    unreported = [] as string[],
  } = {},
) {
  count += 1;
  const tree = path.join(folder.path, String(count));
  await mkdir(tree);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(tree, name)), { recursive: true });
    await writeFile(path.join(tree, name), text);
  }
  await chmod(tree, 0o755);
  const home = path.join(folder.path, `${count}-home`);
  await makeSandboxFolder(home, sandboxes.uid);
  const sandbox = sandboxes.open([
    { from: tree, to: '/workspace', writable: true },
    { from: home, to: '/home/agent', writable: true },
    { from: path.resolve('node_modules'), to: '/opt/node_modules', writable: false },
  ]);
  try {
    const test = { command, folder: '', runner, takesArguments: false, unreported };
    const options = { timeoutMs, ...(only && { files: only }) };
    const { run: result, failures } = await runTests(sandbox, test, options);
    return {
      ...result,
      outcomes: Object.fromEntries(result.cases.map(({ id, outcome }) => [id, outcome])),
      failures: Object.fromEntries(failures.map(({ id, error, output }) => [id, { error, output }])),
    };
  } finally {
    await sandbox.dispose();
  }
}

const nodeTests = {
  'package.json': JSON.stringify({
    scripts: {
      test: 'npm run lint && npm run unit && npm run types',
      lint: 'true',
      unit: 'node --test --test-reporter=tap',
      types: 'exit 3',
    },
  }),
  'test/a.test.js': `
    const { test, describe } = require('node:test');
    test('works', () => {});
    describe('group', () => test('is broken', () => { console.log('hello'); throw new Error('boom'); }));
    test('later', { todo: true }, () => {});`,
  'test/b.test.js': "require('./missing');",
};

test('results of node:test are read behind package scripts that set a reporter of their own', async () => {
  const { outcomes, failures, ...result } = await run(nodeTests, 'npm test');
  expect(outcomes).toEqual({
    'test/a.test.js › works': 'passed',
    'test/a.test.js › group › is broken': 'failed',
    'test/a.test.js › later': 'skipped',
    'test/b.test.js': 'failed',
  });
  expect(result).toMatchObject({
    command: 'npm test',
    runner: 'node:test',
    exitCode: 1,
    granularity: 'per-test',
  });
  expect(result.outputTail).toContain('not ok');
  expect(failures).toEqual({
    'test/a.test.js › group › is broken': {
      error: expect.stringMatching(
        /^Error: boom\n {4}at TestContext.<anonymous> \(test\/a\.test\.js:4:\d+\)$/,
      ),
      output: 'hello',
    },
    'test/b.test.js': {
      error: expect.stringMatching(/Cannot find module '\.\/missing'[\s\S]*test\/b\.test\.js:1:1\)/),
      output: '',
    },
  });
  // The evidence contains only the message.
  expect(result.cases.filter(({ outcome }) => outcome === 'failed')).toEqual([
    { id: 'test/a.test.js › group › is broken', file: 'test/a.test.js', outcome: 'failed', message: 'boom' },
    {
      id: 'test/b.test.js',
      file: 'test/b.test.js',
      outcome: 'failed',
      message: "Error: Cannot find module './missing'",
    },
  ]);
});

test('results of node:test are read if Node runs the test file itself', async () => {
  const files = { 'a.js': "require('node:test').test('works', () => {}); console.log(process.argv[2]);" };
  const { outcomes, outputTail } = await run(files, 'node a.js word');
  expect(outcomes).toEqual({ 'a.js › works': 'passed' });
  expect(outputTail).toContain('word');
});

test('only the wanted test files run', async () => {
  const { outcomes } = await run(nodeTests, 'npm run unit', { only: ['test/b.test.js'] });
  expect(outcomes).toEqual({ 'test/b.test.js': 'failed' });
});

test('the exit code is that of the whole command, not of its tests', async () => {
  const files = {
    ...nodeTests,
    'test/a.test.js': "require('node:test').test('works', () => {});",
    'test/b.test.js': '',
  };
  expect(await run(files, 'npm test')).toMatchObject({
    exitCode: 3,
    outcomes: { 'test/a.test.js › works': 'passed' },
  });
});

test.each([
  [
    'run.mjs',
    "import { run } from 'node:test';\nimport { spec } from 'node:test/reporters';\nrun({ files: ['a.test.js'] }).on('test:fail', () => { process.exitCode = 1; }).compose(new spec()).pipe(process.stdout);",
  ],
  [
    'run.cjs',
    "const { run } = require('node:test');\nconst stream = run({ files: [require('node:path').resolve('a.test.js')] });\nstream.on('test:fail', () => { process.exitCode = 1; });\nstream.resume();",
  ],
])('tests that %s starts with run() of node:test are reported', async (name, program) => {
  const tests =
    "const { test } = require('node:test');\nconst assert = require('node:assert');\ntest('works', () => {});\ntest('fails', () => assert.equal(1, 2));\nrequire('node:child_process').execFileSync(process.execPath, ['inner.cjs']);";
  const inner =
    "const { test, run } = require('node:test');\nif (process.env.NODE_TEST_CONTEXT) delete process.env.NODE_TEST_CONTEXT;\nrun({ files: [] });";
  const result = await run({ [name]: program, 'a.test.js': tests, 'inner.cjs': inner }, `node ${name}`);
  expect(result).toMatchObject({
    exitCode: 1,
    outcomes: { 'a.test.js › works': 'passed', 'a.test.js › fails': 'failed' },
    failures: { 'a.test.js › fails': { error: expect.stringContaining('1 == 2') } },
  });
  expect(Object.keys(result.outcomes)).toHaveLength(2);
});

test('a test program whose results cannot be read is named beside the results of another one', async () => {
  const files = { 'a.test.js': "require('node:test').test('works', () => {});" };
  const result = await run(files, 'node --test && true', { unreported: ['nodeunit old'] });
  expect(result.outcomes).toEqual({ 'a.test.js › works': 'passed' });
  expect(result.remark).toBe(
    'The single tests of `nodeunit old` are not counted, because Pullwright cannot read its results.',
  );
  expect((await run({}, 'true', { unreported: ['nodeunit old'] })).remark).toBeUndefined();
});

test('tests that never end are stopped, and the results until then are kept', async () => {
  const forever =
    "const { test } = require('node:test'); test('a', () => {}); test('b', () => new Promise(() => setInterval(() => {}, 1e6)));";
  const result = await run({ 'a.test.js': forever }, 'node --test', { timeoutMs: 5_000 });
  expect(result).toMatchObject({ ended: 'timeout', exitCode: null, outcomes: { 'a.test.js › a': 'passed' } });
  expect(result.remark).toMatch(/^At the time limit, these programs still ran: "node .*a\.test\.js"\.$/);
});

test('all results of jest are read although its script sets NODE_OPTIONS and --bail', async () => {
  const files = {
    'package.json': JSON.stringify({
      type: 'module',
      scripts: { test: 'NODE_OPTIONS=--experimental-vm-modules /opt/node_modules/.bin/jest --bail' },
      jest: { transform: {} },
    }),
    'a.test.js': "test.each([[1], [2]])('is %i', (n) => expect(n).toBe(1)); test.skip('later', () => {});",
    'b.test.js': "import './missing.js';",
  };
  const { outcomes, failures, runner } = await run(files, 'npm test');
  expect(runner).toBe('jest');
  expect(outcomes).toEqual({
    'a.test.js › is 1': 'passed',
    'a.test.js › is 2': 'failed',
    'a.test.js › later': 'skipped',
    'b.test.js': 'failed',
  });
  expect(failures['a.test.js › is 2']?.error).toMatch(
    /Expected: 1\nReceived: 2\n {4}at .*\(?a\.test\.js:1:\d+\)?$/,
  );
});

test('a command without a known runner gives an exit code only, and a note says so', async () => {
  const result = await run({ Makefile: 'test:\n\t@echo checked; exit 2\n' }, 'echo checked; exit 2');
  expect(result).toMatchObject({ exitCode: 2, granularity: 'exit-code', cases: [] });
  expect(result.note).toContain('only an exit code');
  expect(result.outputTail.trim()).toBe('checked');
});

test("Python's unittest gives results per test with nothing installed", async () => {
  if (!existsSync('/usr/bin/python3'))
    return console.warn('not run: there is no /usr/bin/python3 on this machine');
  const files = {
    'test_a.py':
      'import unittest\nclass A(unittest.TestCase):\n  def test_works(self): pass\n  def test_fails(self): self.assertEqual(1, 2)\n',
    'test_b.py': 'import missing\n',
  };
  const command = '/usr/bin/python3 -m unittest discover';
  const { outcomes, failures } = await run(files, command, { runner: 'unittest' });
  expect(outcomes).toEqual({
    'test_a.py › A › test_works': 'passed',
    'test_a.py › A › test_fails': 'failed',
    'test_b.py': 'failed',
  });
  expect(failures['test_a.py › A › test_fails']?.error).toMatch(/File "test_a\.py", line 4, in test_fails\n/);
});

test('pytest runs the other files when one file cannot be collected', async () => {
  if (!hasPytest()) return console.warn('not run: /usr/bin/python3 has no pytest on this machine');
  const files = { 'test_a.py': 'def test_works(): pass\n', 'test_b.py': 'import missing\n' };
  const { outcomes } = await run(files, '/usr/bin/python3 -m pytest -x', { runner: 'pytest' });
  expect(outcomes).toEqual({ 'test_a.py › test_works': 'passed', 'test_b.py': 'failed' });
});
