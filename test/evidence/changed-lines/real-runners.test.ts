import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { findCodeLines } from '../../../src/evidence/changed-lines/find-code-lines.js';
import { measureCoverage } from '../../../src/evidence/changed-lines/measure-coverage.js';
import { recordCoverage } from '../../../src/evidence/changed-lines/record-coverage.js';
import { findRunner } from '../../../src/evidence/commands/find-runner.js';
import { chooseMutations } from '../../../src/evidence/mutations/choose-mutations.js';
import { tryMutations } from '../../../src/evidence/mutations/try-mutations.js';
import type { Sandbox } from '../../../src/sandbox/sandbox.js';
import { useNodeRunners } from '../runners/use-node-runners.js';

/*
 * Coverage and mutations with real test runners. Runners that this repository does not install come from the
 * npm registry. Without a registry, their tests do not run.
 */
const packages = ['vitest@3.2.4', 'mocha@11.7.2', 'ts-node@10.9.2', 'typescript@5.9.3', 'c8@10.1.3'];

const runners = useNodeRunners(packages);
const ownModules = { from: path.resolve('node_modules'), to: '/opt/node_modules', writable: false };

type Files = Record<string, string>;

/**
 * Measures the whole of the product's files, as if a change had added them. Two copies share the mutations.
 */
async function measure(
  script: string,
  product: Files,
  others: Files,
  testFiles: string[],
  isCompared = false,
) {
  const manifest = { 'package.json': JSON.stringify({ scripts: { test: script } }) };
  const open = () => runners.open({ ...manifest, ...product, ...others }, [ownModules]);
  const [sandbox, copy] = [await open(), await open()];
  try {
    const command = { command: 'npm test', folder: '', ...findRunner(script, { test: script }) };
    const files = Object.entries(product).map(([name, text]) => ({
      path: name,
      text,
      lines: findCodeLines(name, text) ?? [],
    }));
    const records = await recordCoverage(sandbox, [command], Object.keys(product), 120_000);
    const { coverage, reach } = measureCoverage(files, records, testFiles);
    const candidates = chooseMutations(new Map(Object.entries(product)), reach, 3);
    const limits = { durationMs: 60_000, budgetMs: 200_000 };
    const tryIn = (...sandboxes: Sandbox[]) => tryMutations(sandboxes, [command], candidates, limits);
    const [mutations, alone] = [await tryIn(sandbox, copy), isCompared ? await tryIn(copy) : null];
    return { coverage, reach, mutations, alone };
  } finally {
    await sandbox.dispose();
    await copy.dispose();
  }
}

const discount = `import { round } from './round.js';

/** Takes off a part of the price. */
export function discount(price, percent) {
  if (percent <= 0) {
    return 0;
  }
  if (percent > 100) throw new Error(
    'too much',
  );
  return round(price - (price * percent) / 100);
}
`;
const round = 'export const round = (price) => Math.round(price);\n';
const typed = discount
  .replace(
    "import { round } from './round.js';",
    "import { round } from './round';\n\nexport interface Price {\n  cents: number;\n}\n",
  )
  .replace('(price, percent)', '(price: number, percent: number): number');
const typedRound = 'export const round = (price: number): number => Math.round(price);\n';
const product = { 'src/discount.js': discount, 'src/round.js': round };
const typedProduct = { 'src/discount.ts': typed, 'src/round.ts': typedRound };
const checks = (equal: string) => `
  test('takes off', () => ${equal}(discount(200, 10), 180));
  test('costs nothing', () => ${equal}(discount(200, 0), 0));
`;
const nodeTest = (name = '../src/discount.js') =>
  `import { equal } from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { discount } from '${name}';${checks('equal')}`;
const equal = 'const equal = (a, b) => expect(a).toBe(b);';
const module = '{ "type": "module", "scripts": { "test": "SCRIPT" } }';
const mocha = nodeTest().replace("import { test } from 'node:test';", '').replaceAll('test(', 'it(');
const jest = `import { discount } from '../src/discount';\n${equal}${checks('equal')}`;
const jestConfig = `module.exports = { transform: { '\\.[jt]s$': ['/opt/node_modules/@swc/jest', { jsc: { parser: { syntax: 'typescript' } } }] } };`;
const vitest = `import { expect, test } from 'vitest';\nimport { discount } from '../src/discount.js';\n${equal}${checks('equal')}`;
const compiler = JSON.stringify({
  compilerOptions: {
    outDir: 'dist',
    rootDir: '.',
    sourceMap: true,
    module: 'commonjs',
    target: 'es2020',
    types: [],
  },
});
const compiled = `${jest.replace('../src', './src').replace(equal, '')}`
  .replace(
    /^/,
    "declare const require: any; const { test } = require('node:test'); const { equal } = require('node:assert/strict');\n",
  )
  .replace('./src', '../src');
const bin = '/node_modules/.bin';

const table: [string, string, Files, Files, string][] = [
  [
    'node:test, in a process per file',
    'node --test',
    product,
    { 'test/a.test.js': nodeTest() },
    'test/a.test.js',
  ],
  [
    'node:test behind c8, which measures coverage too',
    `${bin}/c8 node --test`,
    product,
    { 'test/a.test.js': nodeTest() },
    'test/a.test.js',
  ],
  ['mocha', `${bin}/mocha test`, product, { 'test/a.test.js': mocha }, 'test/a.test.js'],
  [
    'tsx',
    'node --import /opt/node_modules/tsx/dist/esm/index.mjs --test test/a.test.ts',
    typedProduct,
    { 'test/a.test.ts': nodeTest('../src/discount.ts') },
    'test/a.test.ts',
  ],
  [
    'Jest with swc',
    'node /opt/node_modules/jest/bin/jest.js',
    typedProduct,
    {
      'test/a.test.ts': jest,
      'jest.config.js': jestConfig,
      'package.json': '{ "scripts": { "test": "SCRIPT" } }',
    },
    'test/a.test.ts',
  ],
  [
    'Jest, which measures coverage too',
    'node /opt/node_modules/jest/bin/jest.js --coverage --coverageProvider=v8 -w 2',
    typedProduct,
    {
      'test/a.test.ts': jest,
      'jest.config.js': jestConfig,
      'package.json': '{ "scripts": { "test": "SCRIPT" } }',
    },
    'test/a.test.ts',
  ],
  ['Vitest', `${bin}/vitest run`, typedProduct, { 'test/a.test.ts': vitest }, 'test/a.test.ts'],
  [
    'node:test, compiled by tsc',
    `${bin}/tsc -p . && node --test dist`,
    typedProduct,
    {
      'test/a.test.ts': compiled,
      'tsconfig.json': compiler,
      'package.json': '{ "scripts": { "test": "SCRIPT" } }',
    },
    'dist/test/a.test.js',
  ],
];

describe('changed lines that run are found, and faults in them, however the code is loaded', () => {
  test.each(table)('%s', async (_name, script, files, others, testFile) => {
    if (script.includes(bin) && !runners.isInstalled()) return;
    const all = { 'package.json': module, ...others };
    all['package.json'] = all['package.json'].replace('SCRIPT', script);
    const { coverage, reach, mutations } = await measure(script, files, all, [testFile]);
    const [file = ''] = Object.keys(files);
    const first = 1 + (files[file]?.split('\n').findIndex((line) => line.startsWith('export function')) ?? 0);
    expect(coverage).toEqual({ lines: 7, reached: 6, unreached: [{ file, lines: [first + 5] }], notes: [] });
    expect(reach.map(({ tests }) => tests)).toEqual([[testFile], [testFile]]);
    expect(mutations).toMatchObject({
      untried: 0,
      unnoticed: [{ file, line: first + 4, was: '>', now: '>=' }],
    });
    expect(mutations.tried).toBe(3);
  });
});

test('what runs only in threads that the runner terminates is named as not measured', async () => {
  if (!runners.isInstalled()) return;
  const script = `${bin}/vitest run --pool=threads`;
  const others = { 'package.json': module.replace('SCRIPT', script), 'test/a.test.js': vitest };
  const { coverage, mutations } = await measure(script, product, others, ['test/a.test.js']);
  expect(coverage).toMatchObject({ lines: 0, unreached: [] });
  expect(coverage.notes).toEqual([expect.stringMatching(/could not be measured: test\/a\.test\.js/)]);
  expect(mutations.tried).toBe(0);
});

test('mutations have the same result in one copy as in two', async () => {
  const others = { 'package.json': module.replace('SCRIPT', 'node --test'), 'test/a.test.js': nodeTest() };
  const { mutations, alone } = await measure('node --test', product, others, ['test/a.test.js'], true);
  expect(alone).toEqual(mutations);
  expect(mutations).toMatchObject({ tried: 3, untried: 0 });
});
