import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describePrograms } from '../../src/evidence/runners/node/node-preload.js';
import { runners } from '../../src/evidence/runners/runners.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const preload = fileURLToPath(new URL('../../src/evidence/reporters/preload.cjs', import.meta.url));
const printArguments =
  'console.log(JSON.stringify({ argv: process.argv.slice(2), printer: process.env.PULLWRIGHT_MOCHA_PRINTER }))';
let temporary: Awaited<ReturnType<typeof createTemporaryFolder>>;
let folder: string;

beforeAll(async () => {
  temporary = await createTemporaryFolder();
  folder = realpathSync(temporary.path);
  copyFileSync(preload, path.join(folder, 'preload.cjs'));
  writeFileSync(path.join(folder, 'programs.json'), describePrograms(runners));
});
afterAll(() => temporary.remove());

/** Starts a program that prints its arguments, from the place where a runner's program lies. */
function start(program: string, ...words: string[]): { argv: string[]; printer?: string } {
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

test("mocha's own reporter is handed to ours as a variable", () => {
  expect(start('mocha/bin/mocha.js', '-R', 'dot', '--bail', 'test')).toEqual({
    argv: ['--reporter=/tmp/pullwright-reports/mocha.cjs', 'test'],
    printer: 'dot',
  });
});

test.each([
  ['in one word', ['--reporter=/tmp/pullwright-reports/mocha.cjs']],
  ['in two words', ['--reporter', '/tmp/pullwright-reports/mocha.cjs']],
])('a mocha that starts itself again with our reporter %s is not asked once more', (_, words) => {
  expect(start('mocha/lib/cli/cli.js', ...words, 'test')).toEqual({ argv: [...words, 'test'] });
});

test('the arguments of any other program stay as they are', () => {
  expect(start('eslint/bin/eslint.js', '--bail', '.').argv).toEqual(['--bail', '.']);
});
