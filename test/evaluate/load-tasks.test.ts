import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadTasks } from '../../evaluate/load/load-tasks.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const sweBench = {
  instance_id: 'acme__shop-7',
  repo: 'acme/shop',
  base_commit: 'a'.repeat(40),
  problem_statement: 'Greet by name',
  hints_text: 'ignored',
  version: '1.0',
  test_patch: 'the tests',
  patch: 'the fix',
  FAIL_TO_PASS: '["t.py::a"]',
  PASS_TO_PASS: '["t.py::b", "t.py::c"]',
};

const multiSweBench = {
  org: 'acme',
  repo: 'shop',
  number: 7,
  base: { label: 'acme:main', ref: 'main', sha: 'b'.repeat(40) },
  resolved_issues: [{ number: 3, title: 'Greet by name', body: 'Say it.' }],
  fix_patch: 'the fix',
  test_patch: 'the tests',
  f2p_tests: { 'greets by name': { run: 'PASS', test: 'FAIL', fix: 'PASS' } },
  n2p_tests: { 'greets all': { run: 'NONE', test: 'NONE', fix: 'PASS' } },
  p2p_tests: { greets: { run: 'PASS', test: 'PASS', fix: 'PASS' } },
};

describe('loadTasks', () => {
  let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
  beforeAll(async () => {
    folder = await createTemporaryFolder();
  });
  afterAll(() => folder.remove());

  const load = async (text: string) => {
    const file = path.join(folder.path, 'tasks.jsonl');
    await writeFile(file, text);
    return loadTasks(file);
  };
  const faultOf = async (text: string) => {
    const error = await load(text).then(
      () => null,
      (thrown: Error) => thrown,
    );
    return error?.message.replace(`${folder.path}/`, '');
  };

  test('a line of SWE-bench has its lists of tests as text', async () => {
    const [task] = await load(`${JSON.stringify(sweBench)}\n`);
    expect(task).toEqual({
      instance_id: 'acme__shop-7',
      repo: 'acme/shop',
      base_commit: 'a'.repeat(40),
      problem_statement: 'Greet by name',
      test_patch: 'the tests',
      patch: 'the fix',
      FAIL_TO_PASS: ['t.py::a'],
      PASS_TO_PASS: ['t.py::b', 't.py::c'],
      setup: null,
      test: null,
      checks: true,
    });
  });

  test('a JSON array of tasks is read like lines', async () => {
    const tasks = await load(JSON.stringify([sweBench, { ...sweBench, instance_id: 'acme__shop-8' }]));
    expect(tasks.map(({ instance_id }) => instance_id)).toEqual(['acme__shop-7', 'acme__shop-8']);
  });

  test('a line of SWE-rebench says how to install and test the project', async () => {
    const install_config = {
      python: '3.9',
      pre_install: ['apt-get update'],
      install: 'pip install -e .',
      test_cmd: 'pytest -rA',
      log_parser: 'parse_log_pytest',
    };
    const line = { ...sweBench, FAIL_TO_PASS: ['t.py::a'], PASS_TO_PASS: [], install_config };
    const [task] = await load(JSON.stringify(line));
    expect(task).toMatchObject({ setup: ['apt-get update', 'pip install -e .'], test: 'pytest -rA' });
    expect(task?.FAIL_TO_PASS).toEqual(['t.py::a']);
  });

  test('a line of Multi-SWE-bench has maps of tests and a list of issues', async () => {
    const [task] = await load(JSON.stringify(multiSweBench));
    expect(task).toMatchObject({
      instance_id: 'acme__shop-7',
      repo: 'acme/shop',
      base_commit: 'b'.repeat(40),
      problem_statement: 'Greet by name\n\nSay it.',
      patch: 'the fix',
      FAIL_TO_PASS: ['greets by name', 'greets all'],
      PASS_TO_PASS: ['greets'],
    });
  });

  test('an error names the file, the line, the field, and what was expected and found', async () => {
    const good = JSON.stringify(sweBench);
    expect(await faultOf(`${good}\n${JSON.stringify({ ...sweBench, base_commit: 7 })}\n`)).toBe(
      'tasks.jsonl:2: base_commit: expected string; found 7',
    );
    expect(await faultOf(JSON.stringify({ ...sweBench, FAIL_TO_PASS: 'a and b' }))).toBe(
      'tasks.jsonl:1: FAIL_TO_PASS: expected a list of test names, or a JSON text of one; found "a and b"',
    );
    expect(await faultOf(JSON.stringify({ ...sweBench, FAIL_TO_PASS: '[]' }))).toBe(
      'tasks.jsonl:1: FAIL_TO_PASS: expected at least one test; found []',
    );
    expect(await faultOf(JSON.stringify({ ...sweBench, repo: 'shop' }))).toBe(
      'tasks.jsonl:1: repo: expected owner/name; found "shop"',
    );
    expect(await faultOf(JSON.stringify({ ...multiSweBench, f2p_tests: undefined }))).toBe(
      'tasks.jsonl:1: fixed_tests: expected the tests that the fix makes pass (fixed_tests or f2p_tests); found nothing',
    );
    expect(await faultOf(JSON.stringify({ ...multiSweBench, base: {} }))).toBe(
      'tasks.jsonl:1: base.sha: expected string; found nothing',
    );
    expect(await faultOf(`${good}\nnot json`)).toMatch(/^tasks\.jsonl:2: expected JSON; /);
    expect(await faultOf(`${good}\n\n${good}`)).toBe(
      'tasks.jsonl:3: instance_id: expected a new id; found acme__shop-7 again',
    );
    expect(await faultOf('')).toBe('tasks.jsonl: expected at least one task; found none');
  });
});
