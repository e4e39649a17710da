import { describe, expect, test } from '@jest/globals';
import { cleanTest } from '../../src/environment/shell/clean-test.js';
import { ci, describeFiles } from './tree.js';

const tooMuch = 'The files refer to each other so often that only a part was read.';

describe('files that refer to each other many times are only read in part', () => {
  const calls = (key: string, count: number) =>
    Array.from({ length: count }, (_, at) => `  ${key}${at}: {uses: ./.github/workflows/ci.yml}\n`).join('');
  const workflow = (steps: string) => `on: push\njobs: {test: {steps: [${steps}]}}`;
  const action = (name: string, next: string) => ({
    [`${name}/action.yml`]: `runs: {steps: [${`{uses: ./${next}}, `.repeat(200)}]}`,
  });
  const all = 'npm run a; '.repeat(30);
  test.each([
    ['workflows', { [ci]: `on: [push, workflow_call]\njobs:\n${calls('a', 200)}` }],
    [
      'local actions',
      {
        [ci]: workflow('{uses: ./a}'),
        ...action('a', 'b'),
        ...action('b', 'c'),
        ...action('c', 'd'),
        ...action('d', 'e'),
        ...action('e', 'f'),
      },
    ],
    [
      'scripts',
      { [ci]: workflow('{run: npm run a}'), 'package.json': JSON.stringify({ scripts: { a: all } }) },
    ],
    [
      'targets',
      { [ci]: workflow('{run: make a}'), Makefile: `a:\n${'\tmake a\n'.repeat(30)}#${'x'.repeat(900_000)}` },
    ],
    [
      'variables of compose files',
      {
        '.env': `A=${'x'.repeat(60_000)}`,
        'compose.yml': `services: {db: {image: "redis:7", environment: [${Array.from({ length: 2000 }, (_, at) => `"A${at}=$A"`).join()}]}}`,
      },
    ],
  ])('%s', async (_, files) => {
    expect((await describeFiles(files as Record<string, string>)).unclear).toContain(tooMuch);
  });
});

test('what is not closed in a file of JSON takes no time', async () => {
  const engines = '{"engines": {"node": "22"}}';
  const { toolchains } = await describeFiles({ 'package.json': `${engines}${'/* '.repeat(300_000)}` });
  expect(toolchains).toMatchObject([{ version: '22' }]);
  const open = await describeFiles({ 'package.json': `{${'"\\'.repeat(400_000)}` });
  expect(open.unclear).toEqual([expect.stringMatching(/is not valid JSON/)]);
});

test('a command that is too long is named, and its spaces take no time', async () => {
  const run = `npm test${' '.repeat(250_000)}x`;
  const { tests, unclear } = await describeFiles({
    [ci]: JSON.stringify({ on: 'push', jobs: { test: { steps: [{ run }, { run: 'npm run test:unit' }] } } }),
  });
  expect(tests).toMatchObject([{ command: 'npm run test:unit' }]);
  expect(unclear).toEqual([expect.stringMatching(/a command is longer than 10000 characters\.$/)]);
  expect(cleanTest(`npm test${' '.repeat(250_000)}x`)).toMatch(/^npm test +x$/);
});
