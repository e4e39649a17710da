import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { judgeChange } from '../../src/evidence/judge-change.js';
import { numberDuplicates } from '../../src/evidence/number-duplicates.js';
import { keepMeasured, runSuites } from '../../src/evidence/run-suites.js';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { makeSandboxFolder } from '../../src/sandbox/sandbox.js';
import { parseSettings } from '../../src/task/settings.js';
import { openTestSandboxes } from '../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { noEvidence } from './no-evidence.js';

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
let sandbox: Sandbox;

const nodeTest = (folder: string, isGuess = false) => ({
  command: 'node --test',
  folder,
  runner: 'node:test',
  takesArguments: false,
  isGuess,
});

beforeAll(async () => {
  folder = await createTemporaryFolder();
  const sandboxes = await openTestSandboxes(folder.path);
  const tree = path.join(folder.path, 'tree');
  await makeSandboxFolder(tree, sandboxes.uid);
  sandbox = sandboxes.open([{ from: tree, to: '/workspace', writable: true }]);
  const files = {
    'api/a.test.mjs': "import test from 'node:test';\ntest('works', () => {});\n",
    'web/b.test.mjs':
      "import test from 'node:test';\ntest('works', () => {});\ntest('breaks', () => { throw new Error('no'); });\n",
    'old/c.test.mjs': "import test from 'node:test';\nimport 'missing';\ntest('works', () => {});\n",
  };
  for (const [file, text] of Object.entries(files))
    await sandbox.execute({
      script: 'mkdir -p "$(dirname "$1")" && cat > "$1"',
      args: [file],
      stdin: text,
      timeoutMs: 10_000,
    });
});

afterAll(async () => {
  await sandbox.dispose();
  await folder.remove();
});

describe('the test commands of several folders', () => {
  test('that run the same tests give each result and its failure the same name of its own', async () => {
    const again = { ...nodeTest('web'), command: 'node --test b.test.mjs' };
    const { run, failures } = await runSuites(sandbox, [nodeTest('web'), again], { timeoutMs: 60_000 });
    const failed = ['web/b.test.mjs › breaks', 'web/b.test.mjs › breaks (2)'];
    expect(run.cases.flatMap(({ id, outcome }) => (outcome === 'failed' ? [id] : []))).toEqual(failed);
    expect(failures.map(({ id }) => id)).toEqual(failed);
  });

  test('are one run, with a row for each of them', async () => {
    const { run, failures, output } = await runSuites(sandbox, [nodeTest('api'), nodeTest('web')], {
      timeoutMs: 60_000,
    });
    expect(run).toMatchObject({ exitCode: 1, ended: 'exited', granularity: 'per-test', runner: 'node:test' });
    expect(run.cases.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      'api/a.test.mjs › works passed',
      'web/b.test.mjs › works passed',
      'web/b.test.mjs › breaks failed',
    ]);
    expect(run.suites).toMatchObject([
      { folder: 'api', exitCode: 0, counts: { passed: 1, failed: 0 } },
      { folder: 'web', exitCode: 1, counts: { passed: 1, failed: 1 } },
    ]);
    expect(failures).toMatchObject([{ id: 'web/b.test.mjs › breaks', error: expect.stringContaining('no') }]);
    expect(output).toContain('$ node --test (in web)\n');
  });

  test('run only the files that are asked for, each in its own folder', async () => {
    const tests = [nodeTest('api'), nodeTest('web')];
    const { run } = await runSuites(sandbox, tests, { timeoutMs: 60_000, files: ['api/a.test.mjs'] });
    expect(run.cases.map(({ id }) => id)).toEqual(['api/a.test.mjs › works']);
    expect(run.suites).toMatchObject([{ folder: 'api', counts: { passed: 1 } }]);
  });

  test('are left out on the base commit if their program does not exist', async () => {
    const other = {
      command: 'no-such-program test',
      folder: 'web',
      runner: 'command',
      takesArguments: false,
    };
    const tests = [nodeTest('api'), other];
    const { run } = await runSuites(sandbox, tests, { timeoutMs: 60_000, leavesOutGuesses: true });
    expect(run).toMatchObject({ exitCode: 0, ended: 'exited' });
    expect(run.suites).toMatchObject([
      { folder: 'api' },
      { folder: 'web', notRun: 'this machine lacks a program that it starts' },
    ]);
    expect(keepMeasured(tests, run)).toEqual([tests[0]]);
  });

  test('all run if none of them contains the files that are asked for', async () => {
    const tests = [nodeTest('api'), nodeTest('web')];
    const { run } = await runSuites(sandbox, tests, { timeoutMs: 60_000, files: ['shared/x.test.js'] });
    expect(run.suites).toMatchObject([{ folder: 'api' }, { folder: 'web' }]);
    expect(run).toMatchObject({ exitCode: 1 });
  });

  test('that were guessed are left out if none of their tests passes on the base commit', async () => {
    const tests = [nodeTest('api'), nodeTest('old', true)];
    const { run } = await runSuites(sandbox, tests, { timeoutMs: 60_000, leavesOutGuesses: true });
    expect(run.cases.map(({ id }) => id)).toEqual(['api/a.test.mjs › works']);
    expect(run).toMatchObject({ exitCode: 0, suites: [{ folder: 'api' }, { folder: 'old' }] });
    expect(run.suites?.[1]?.notRun).toContain('nothing in it passes');
    expect(keepMeasured(tests, run)).toEqual([tests[0]]);
    const { run: whole } = await runSuites(sandbox, tests, { timeoutMs: 60_000 });
    expect(whole.exitCode).toBe(1);
    expect(keepMeasured(tests, whole)).toEqual(tests);
  });

  test('that end before their tests run without the checks before them, there and on the change', async () => {
    const checked = { ...nodeTest('api'), command: 'false && node --test', withoutChecks: 'node --test' };
    const options = { timeoutMs: 60_000, leavesOutGuesses: true };
    const { run } = await runSuites(sandbox, [checked], options);
    expect(run).toMatchObject({ exitCode: 0, cases: [{ outcome: 'passed' }] });
    expect(run.suites).toMatchObject([{ command: 'node --test', folder: 'api' }]);
    expect(run.remark).toBe(
      '"false && node --test (in api)" ended before its tests, so they ran without its steps that only check ' +
        'code or start containers.',
    );
    expect(keepMeasured([checked], run)).toMatchObject([{ command: 'node --test' }]);
    const tests = [checked, nodeTest('web')];
    const { run: both } = await runSuites(sandbox, tests, options);
    expect(both.suites).toMatchObject([{ command: 'node --test', counts: { passed: 1 } }, { folder: 'web' }]);
    expect(keepMeasured(tests, both)).toMatchObject([{ command: 'node --test' }, tests[1]]);
    const working = { ...checked, command: 'true && node --test' };
    const { run: whole } = await runSuites(sandbox, [working], options);
    expect(keepMeasured([working], whole)).toEqual([working]);
  });

  test('that end before their tests run although a step fails, if they cannot run in another way', async () => {
    const ways = {
      withoutChecks: 'false && node --test',
      despiteSteps: 'failed=0; (exit 3) || failed=$?; node --test && exit $failed',
    };
    const prepared = { ...nodeTest('api'), command: 'true && false && node --test', ...ways };
    const { run } = await runSuites(sandbox, [prepared], { timeoutMs: 60_000, leavesOutGuesses: true });
    expect(run).toMatchObject({ exitCode: 3, cases: [{ outcome: 'passed' }] });
    expect(run.remark).toContain('ended before its tests, so they ran although steps before them may have');
    expect(keepMeasured([prepared], run)).toMatchObject([{ command: ways.despiteSteps }]);
  });

  test('for which there is no time are named, and those with changed files run first', async () => {
    const slow = { ...nodeTest('api'), command: 'sleep 1.5; node --test' };
    const { run } = await runSuites(sandbox, [nodeTest('web'), slow], {
      timeoutMs: 2400,
      changed: ['api/a.mjs'],
    });
    expect(run.suites?.map(({ folder, notRun }) => [folder, notRun !== undefined])).toEqual([
      ['web', true],
      ['api', false],
    ]);
    expect(run.note).toContain('node --test (in web): the time limit for the tests was reached before');
  });
});

test('a command that newly fails in one of several folders makes a draft', async () => {
  const suites = (code: number) =>
    ['api', 'web'].map((folder) => ({
      command: 'npm test',
      folder,
      runner: 'jest',
      exitCode: folder === 'web' ? code : 0,
      ended: 'exited' as const,
      durationMs: 1,
      granularity: 'per-test' as const,
      counts: { passed: 1, failed: 0, skipped: 0, unloaded: 0 },
      outputTail: '',
    }));
  const run = (code: number) => ({
    ...{ command: 'npm test', runner: 'jest', exitCode: code, ended: 'exited' as const, durationMs: 1 },
    ...{ granularity: 'per-test' as const, cases: [], outputTail: '', suites: suites(code) },
  });
  const parsed = parseSettings(null);
  if (!('settings' in parsed)) throw new Error('expected the default settings');
  const work = { outcome: { kind: 'submitted' } } as Parameters<typeof judgeChange>[0];
  const verdict = judgeChange(work, { ...noEvidence, before: run(0), after: run(1) }, parsed.settings);
  expect(verdict).toMatchObject({
    draftReasons: [
      expect.stringMatching(/^npm test \(in web\): The test command passed before and fails now/),
    ],
  });
});

test('a number is new even if a test has it in its own name', () => {
  const ids = ['a', 'a', 'a (2)', 'a', 'a (2)'];
  expect(numberDuplicates(ids.map((id) => ({ id }))).map(({ id }) => id)).toEqual([
    ...['a', 'a (3)', 'a (2)', 'a (4)', 'a (2) (2)'],
  ]);
});
