import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checkTasks } from '../../evaluate/check-tasks.js';
import { createGrader, type Grader } from '../../evaluate/grade/grade.js';
import { createMeasureCommit } from '../../evaluate/grade/measure-commit.js';
import { makeTask } from '../../evaluate/make/make-task.js';
import type { Task } from '../../evaluate/task.js';
import { openTestSandboxes } from '../support/open-test-sandboxes.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';
import { brokenGreet, composePatch, fixedGreet, writeSampleFix } from './sample-fix.js';

const newTest = 'test/greet.test.js › greets by name';

describe('the maker and the grader', () => {
  let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
  let sample: string;
  let grader: Grader;
  let task: Task;
  beforeAll(async () => {
    folder = await createTemporaryFolder();
    sample = path.join(folder.path, 'sample');
    writeSampleFix(sample);
    const measure = createMeasureCommit({
      folder: folder.path,
      sandboxes: await openTestSandboxes(folder.path),
      egressOf: () => ({ allowed: null, notGranted: [] }),
    });
    grader = createGrader(folder.path, measure);
    task = await makeTask(grader, path.join(sample, '.git'), {
      ...{ instance_id: 'greeter-1', repo: 'acme/greeter', fix: 'main', problem_statement: 'Greet by name' },
      ...{ setup: null, test: null },
    });
  });
  afterAll(() => folder.remove());

  const grade = (files: Record<string, string | null>, more: Partial<Task> = {}) =>
    grader.grade(
      { ...task, ...more },
      { mirror: path.join(sample, '.git'), candidate: { patch: composePatch(sample, files) } },
    );

  test('a merged fix becomes a task with its tests and the tests that stay', () => {
    expect(task).toMatchObject({
      base_commit: expect.stringMatching(/^[0-9a-f]{40}$/),
      FAIL_TO_PASS: [newTest],
      PASS_TO_PASS: ['test/greet.test.js › greets'],
      checks: true,
    });
    expect(task.patch).toContain('src/greet.js');
    expect(task.patch).not.toContain('test/greet.test.js');
    expect(task.test_patch).toContain('greets by name');
    expect(task.test_patch).not.toContain('src/greet.js');
  });

  test('a task is good if its own fix resolves it and no change does not', async () => {
    const useless = {
      ...task,
      instance_id: 'greeter-2',
      FAIL_TO_PASS: ['test/greet.test.js › greets'],
      PASS_TO_PASS: [newTest],
      patch: composePatch(sample, { 'src/greet.js': brokenGreet.replace('hello', 'hi') }),
    };
    const lines: string[] = [];
    const mirrorOf = () => path.join(sample, '.git');
    const check = (tasks: Task[]) => checkTasks(grader, tasks, mirrorOf, (line) => lines.push(line));
    expect(await check([task])).toBe(0);
    expect(await check([task, useless])).toBe(1);
    expect(lines).toEqual([
      'greeter-1: good',
      'greeter-1: good',
      expect.stringMatching(/^greeter-2: its own fix does not resolve it: /),
    ]);
  });

  test('another right solution resolves the issue', async () => {
    const solution = 'module.exports.greet = (name) => ["hello", name].filter(Boolean).join(" ");\n';
    expect(await grade({ 'src/greet.js': solution })).toEqual({
      ...{ resolved: true, reason: null, failed: [], broken: [], reset: [] },
      checks: { expected: 7, failed: 7 },
    });
  });

  test('a wrong solution does not, and neither does one that breaks another test', async () => {
    expect(await grade({ 'src/greet.js': `${brokenGreet}// looked at\n` })).toMatchObject({
      ...{ resolved: false, failed: [newTest], broken: [] },
      reason: '1 tests that must newly pass and 0 that must still pass do not',
    });
    expect(await grade({ 'src/greet.js': 'module.exports.greet = () => "hello Ada";\n' })).toMatchObject({
      ...{ resolved: false, failed: [], broken: ['test/greet.test.js › greets'] },
    });
  });

  test('tests of the solution and its test script do not count', async () => {
    const script = JSON.stringify({ scripts: { test: 'node --test --test-name-pattern=fine' } });
    const own = "require('node:test').test('greets by name', () => {});\n";
    const graded = await grade({
      'package.json': script,
      'test/greet.test.js': own,
      'test/own.test.js': own,
      'src/own.test.js': own,
      '.npmrc': 'node-options=--require=./src/greet.js\n',
    });
    expect(graded).toMatchObject({ resolved: false, failed: [newTest], broken: [] });
    expect(graded.reset.sort()).toEqual([
      '.npmrc',
      'src/own.test.js',
      'test/greet.test.js',
      'test/own.test.js',
    ]);
  });

  test('a right solution may change tests, which only the grader ignores', async () => {
    const graded = await grade({ 'src/greet.js': fixedGreet, 'test/greet.test.js': null });
    expect(graded).toMatchObject({ resolved: true, reset: ['test/greet.test.js'] });
  });

  test('a solution that disarms the assertions is found out', async () => {
    const disarm = "const assert = require('node:assert');\nassert.strictEqual = () => {};\n";
    const graded = await grade({ 'src/greet.js': brokenGreet + disarm });
    expect(graded).toMatchObject({
      ...{ resolved: false, failed: [], broken: [] },
      reason: '1 of 7 tests that must fail did not fail',
      checks: { expected: 7, failed: 6 },
    });
  });

  test('a solution that ends the test process reports no tests', async () => {
    const graded = await grade({ 'src/greet.js': `${brokenGreet}process.exit(0);\n` });
    expect(graded).toMatchObject({ resolved: false, failed: [newTest] });
  });

  test('a solution that writes reports is found out', async () => {
    const line = JSON.stringify({
      file: '/workspace/test/greet.test.js',
      names: ['greets by name'],
      outcome: 'passed',
    });
    const forge = `require('fs').appendFileSync('/tmp/pullwright-reports/node-test.jsonl', ${JSON.stringify(`${line}\n`)});\n`;
    const graded = await grade({ 'src/greet.js': brokenGreet + forge });
    expect(graded).toMatchObject({
      resolved: false,
      reason: 'src/greet.js mentions the folder of test reports',
    });
    // Even if it hides the folder's name, the real result of the test remains.
    const hidden = forge.replace('pullwright-reports', "pullwright-' + 'reports");
    expect(await grade({ 'src/greet.js': brokenGreet + hidden })).toMatchObject({
      resolved: false,
      failed: [newTest],
    });
  });

  test('a fix whose tests do not fail without it becomes no task', async () => {
    await expect(
      makeTask(grader, path.join(sample, '.git'), {
        ...{ instance_id: 'greeter-2', repo: 'acme/greeter', fix: 'main^', problem_statement: 'x' },
        ...{ setup: null, test: null },
      }),
    ).rejects.toThrow('fix: expected a commit with a parent');
  });
});
