import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describePrograms } from '../../src/evidence/runners/node/node-preload.js';
import { runners } from '../../src/evidence/runners/runners.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const preload = fileURLToPath(new URL('../../src/evidence/reporters/preload.cjs', import.meta.url));
const printArguments = 'console.log(JSON.stringify({ argv: process.argv.slice(2) }))';
let temporary: Awaited<ReturnType<typeof createTemporaryFolder>>;
let folder: string;

beforeAll(async () => {
  temporary = await createTemporaryFolder();
  folder = realpathSync(temporary.path);
  for (const name of ['preload.cjs', 'open-report.cjs', 'sign-files.cjs', 'sign-report.cjs'])
    copyFileSync(path.join(path.dirname(preload), name), path.join(folder, name));
  writeFileSync(path.join(folder, 'programs.json'), describePrograms(runners));
});
afterAll(() => temporary.remove());

/** Starts a program that prints its arguments, from the place where a runner's program lies. */
function start(program: string, ...words: string[]): { argv: string[] } {
  const file = path.join(folder, 'node_modules', program);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, printArguments);
  const options = { cwd: folder, encoding: 'utf8' as const };
  return JSON.parse(
    execFileSync(process.execPath, ['--require', `${folder}/preload.cjs`, file, ...words], options),
  );
}

test('jest writes a report and runs to its end, in front of its own arguments', () => {
  const { argv } = start('jest/bin/jest.js', '--bail', '--coverage', 'src');
  expect(argv).toEqual([
    '--json',
    expect.stringMatching(/^--outputFile=\/tmp\/pullwright-reports\/jest-\d+\.json$/),
    '--bail=0',
    '--coverage',
    'src',
  ]);
});

test('vitest keeps the reporter that the command names, or prints with the default one', () => {
  expect(start('vitest/vitest.mjs', 'run', '--reporter=verbose').argv).not.toContain('--reporter=default');
  expect(start('vitest/vitest.mjs', 'run').argv[0]).toBe('--reporter=default');
});

test('mocha keeps its own reporter, and runs to its end', () => {
  expect(start('mocha/bin/mocha.js', '-R', 'dot', '--bail', 'test').argv).toEqual(['-R', 'dot', 'test']);
});

test('a runner that starts itself again with our arguments is not asked once more', () => {
  const words = ['--output-file=/tmp/pullwright-reports/tap-7.tap', 'test'];
  expect(start('tap/bin/run.js', ...words).argv).toEqual(words);
});

test('a runner whose script another program loads is asked too', () => {
  const wrapper = path.join(folder, 'wrapper.js');
  writeFileSync(wrapper, "process.argv.splice(1, 1); require('module').runMain();");
  start('mocha/bin/_mocha');
  const program = path.join(folder, 'node_modules/mocha/bin/_mocha');
  const words = ['--require', `${folder}/preload.cjs`, wrapper, program, '--bail', 'test'];
  expect(JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' }))).toEqual({ argv: ['test'] });
});

test.each([
  ['jest/bin/jest.js', ['--watchAll', 'src'], ['src']],
  ['mocha/bin/mocha.js', ['--watch', '-w', 'test'], ['test']],
  ['vitest/vitest.mjs', ['watch', '-w', 'dev'], ['dev']],
])('%s does not watch for changes, and this is recorded', (program, words, expected) => {
  const record = path.join(folder, 'watch');
  rmSync(record, { force: true });
  expect(start(program, ...words).argv.slice(-expected.length - 1)).not.toContain(words[0]);
  expect(readFileSync(record, 'utf8')).toContain(`${words[0]}\n`);
  expect(start(program, ...words).argv.at(-1)).toBe(expected[0]);
});

test('node:test writes to a file, which Node can write to disk at the end', () => {
  const reporter = "export default async function* (all) { for await (const _ of all); yield 'end'; }";
  writeFileSync(path.join(folder, 'node-test.mjs'), reporter);
  writeFileSync(path.join(folder, 'one.test.cjs'), "require('node:test')('one', () => {});");
  const words = ['--require', `${folder}/preload.cjs`, '--test', 'one.test.cjs'];
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  expect(spawnSync(process.execPath, words, { cwd: folder, env }).status).toBe(0);
  expect(readFileSync(path.join(folder, 'node-test.txt'), 'utf8')).toBe('end');
});

test('a library that cannot be observed still works', () => {
  writeFileSync(path.join(folder, 'mocha.cjs'), 'exports.attach = () => { throw new Error("odd"); };');
  const library = path.join(folder, 'node_modules/mocha/lib/mocha.js');
  mkdirSync(path.dirname(library), { recursive: true });
  writeFileSync(library, 'module.exports = 7;');
  const script = path.join(folder, 'api.js');
  writeFileSync(script, `console.log(require(${JSON.stringify(library)}))`);
  const words = ['--require', `${folder}/preload.cjs`, script];
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  expect(stdout).toBe('7\n');
  expect(stderr).toBe('Pullwright cannot observe this test runner (mocha.cjs): odd\n');
});

test('the arguments of any other program stay as they are', () => {
  expect(start('eslint/bin/eslint.js', '--bail', '.').argv).toEqual(['--bail', '.']);
});
