import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { findCommands } from '../../../src/evidence/commands/find-commands.js';
import { parseReports } from '../../../src/evidence/parse-reports.js';
import { createTestScript } from '../../../src/evidence/test-script.js';

const find = (files: Record<string, string>, test: string | null = null) =>
  findCommands(
    { files: new Set(Object.keys(files)), readFile: async (file) => files[file] ?? null },
    { setup: null, setupAdds: [], test: test === null ? null : [{ command: test, folder: '' }] },
  );

test("the results of Deno's report are read per test and per step", () => {
  // The report of a real run of Deno 2.9. A third file failed while it was loaded, and is not in it.
  const text = readFileSync(new URL('../../fixtures/reports/deno.xml', import.meta.url), 'utf8');
  const command = { command: 'deno test', folder: '', runner: 'deno', takesArguments: true };
  const { cases, note, runners } = parseReports(command, [{ runner: 'deno', text }], '');
  expect(runners).toEqual(['deno']);
  expect(note).toBeUndefined();
  expect(Object.fromEntries(cases.map(({ id, outcome }) => [id, outcome]))).toEqual({
    'math_test.ts › adds': 'passed',
    'math_test.ts › subtracts': 'failed',
    'math_test.ts › is ignored': 'skipped',
    'math_test.ts › has steps': 'failed',
    'math_test.ts › has steps › first': 'passed',
    'math_test.ts › has steps › second': 'failed',
    'math_test.ts › has steps › second › deep': 'failed',
    'math_test.ts › leaks': 'passed',
    'math_test.ts › twin': 'passed',
    'math_test.ts › twin (2)': 'passed',
    'tests/bdd_test.ts › group': 'failed',
    'group › works': 'passed',
    'group › breaks': 'failed',
  });
  expect(cases[1]).toMatchObject({ file: 'math_test.ts', message: 'Uncaught Error: expected 1, got 2' });
  expect(cases.at(-1)?.file).toBeNull();
});

test.each([
  ['with every permission where there is no task', '{}', {}, 'deno test --allow-all --no-lock'],
  ['with the lockfile where there is one', '{}', { 'deno.lock': '' }, 'deno test --allow-all'],
  ['as the task test does', '{ "tasks": { /* all */ "test": "deno test -A" } }', {}, 'deno test -A'],
  [
    'through the task test where that does more',
    '{ "tasks": { "test": "deno lint && deno test" } }',
    {},
    'deno task test',
  ],
])('the test command of Deno runs %s', async (_, config, more, expected) => {
  const { setup, tests } = await find({ 'deno.jsonc': config, 'src/a.test.ts': '', ...more });
  expect(tests[0]).toEqual({ command: expected, folder: '', runner: 'deno', takesArguments: true });
  expect(setup[0]).toContain('command -v deno');
  expect(setup[1]).toMatch(/^deno test --no-run/);
});

test('a repository without a file of Deno has no tests of Deno', async () => {
  expect((await find({ 'a.test.ts': '' })).tests).toEqual([]);
  expect((await find({ 'deno.json': '{}', 'main.ts': '' })).tests).toEqual([]);
});

test('Deno is asked for a report, and for the wanted files only', async () => {
  const [command] = (await find({}, 'deno test -A')).tests;
  if (!command) throw new Error('the command of the settings was not taken');
  const { script } = createTestScript(command, { files: ['a_test.ts'], delimiter: 'MARK', seconds: 1 });
  expect(script).toContain("\ndeno test --junit-path=/tmp/pullwright-reports/deno.xml -A 'a_test.ts'\n");
});
