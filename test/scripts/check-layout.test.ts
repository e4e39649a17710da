import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { runOnFiles } from './plant-files.js';

const check = (files: Record<string, string>, ...args: string[]) =>
  runOnFiles(files, 'tsx', [path.resolve('scripts/check-layout.ts'), ...args]);

const functionOf = (lines: number) => `export function long() {\n${'  void 0;\n'.repeat(lines - 2)}}\n`;
const words = (characters: number) => 'word '.repeat(Math.ceil(characters / 5)).slice(0, characters);

test('a tree at the limits passes', async () => {
  const files: Record<string, string> = {
    'src/text/long.ts': functionOf(60),
    'src/text/comment.ts': `// ${words(106)}e\nexport const one = 1;\n`,
    'src/composition/long.ts': functionOf(90),
    'test/long.test.ts': functionOf(90),
    'README.md': `${words(110).trimEnd()}\n\n| ${words(200)} |\n\n\`\`\`\n${words(200)}\n\`\`\`\n`,
  };
  for (let count = 1; count <= 18; count++) files[`src/full/file-${count}.ts`] = '';
  expect(await check(files)).toEqual({ exitCode: 0, output: '' });
});

test('each limit that is exceeded is named, with what was expected and found', async () => {
  const files: Record<string, string> = {
    'src/text/long.ts': functionOf(61),
    'src/text/comment.ts': `/**\n * ${words(120)}end\n */\nexport const one = 1;\n`,
    'docs/page.md': `${words(115)}end\n\n\`src/full/\`, \`src/text/gone.ts\`\n`,
    ...{ 'src/secrets/one.ts': '\n'.repeat(200), 'src/secrets/two.ts': '\n'.repeat(201) },
    ...{ 'src/text/sanitize.ts': '\n'.repeat(200), 'src/text/mark-hidden.ts': '\n'.repeat(101) },
  };
  for (let count = 1; count <= 19; count++) files[`src/full/file-${count}.ts`] = '';
  const { exitCode, output } = await check(files);
  expect(exitCode).toBe(1);
  expect(output.trim().split('\n').sort()).toEqual([
    'docs/page.md:1: expected at most 110 characters in a line of prose; found 118',
    'docs/page.md:3: expected a path that exists; found src/text/gone.ts',
    'src/full: expected at most 18 files; found 19',
    'src/secrets: expected at most 400 lines; found 401',
    'src/text/comment.ts:2: expected at most 110 characters in a line of prose; found 126',
    'src/text/long.ts:1: expected at most 60 lines in a function; found 61',
    'the part of src/text for text that comes in: expected at most 300 lines; found 301',
  ]);
});

/** Runs the linter with this project's settings on one file. */
const lint = async (lines: number) => {
  const files = {
    'biome.json': await readFile('biome.json', 'utf8'),
    'src/text/long.ts': 'void 0;\n'.repeat(lines),
  };
  return runOnFiles(files, 'biome', ['lint', '--error-on-warnings', 'src']);
};

test('a file of 300 lines passes, and a longer one is named by the linter', async () => {
  expect(await lint(300)).toMatchObject({ exitCode: 0 });
  const { exitCode, output } = await lint(301);
  expect(exitCode).toBe(1);
  expect(output).toContain('src/text/long.ts');
  expect(output).toContain('lint/style/noExcessiveLinesPerFile');
});

test('the folder to check can be an argument', async () => {
  const files = { 'inner/README.md': `${words(115)}end\n` };
  expect(await check(files)).toEqual({ exitCode: 0, output: '' });
  expect(await check(files, 'inner')).toEqual({
    exitCode: 1,
    output: 'README.md:1: expected at most 110 characters in a line of prose; found 118\n',
  });
});
