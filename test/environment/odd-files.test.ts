import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { interpolate } from '../../src/environment/ci/expressions.js';
import { describeEnvironment } from '../../src/environment/describe-environment.js';
import { Environment, emptyEnvironment } from '../../src/environment/environment.js';
import { splitScript } from '../../src/environment/shell/split-script.js';
import { ci, commandsOf, describeFiles, treeOf } from './tree.js';

describe('a file that cannot be read is one sentence', () => {
  test.each([
    [ci, 'on: [push\njobs: {', /^\.github\/workflows\/ci\.yml is not valid YAML: .+\.$/],
    [ci, 'on: push\njobs:\n\ttest: 1', /is not valid YAML/],
    [ci, `a: &a [x]\non: push\njobs: [${'*a, '.repeat(300)}]`, /is not valid YAML: Excessive alias count/],
    [ci, 'on: &on [*on]', /is not valid YAML/],
    [ci, '['.repeat(100_000), /is nested too deeply, so it was not read\.$/],
    [ci, '- '.repeat(100_000), /is nested too deeply/],
    [ci, Array.from({ length: 900 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'), /is nested too deeply/],
    ['mise.toml', `a = ${'['.repeat(5000)}`, /is nested too deeply/],
    [ci, `on: push # ${'x'.repeat(1_100_000)}`, /is larger than 1 MB, so it was not read\.$/],
    ['docker-compose.yml', 'services: {db: {image: "', /^docker-compose\.yml is not valid YAML/],
    ['package.json', '{"engines": ', /^package\.json is not valid JSON/],
    ['mise.toml', '[tools', /^mise\.toml is not valid TOML/],
    ['.devcontainer/devcontainer.json', '{ // x', /is not valid JSON/],
  ])('%s with %.40j', async (file, text, sentence) => {
    const { found, unclear } = await describeFiles({ [file]: text });
    expect([found, unclear.length]).toEqual([[], 1]);
    expect(unclear[0]).toMatch(sentence);
  });
});

test.each([
  'on: push\njobs: 5',
  'on: push\njobs: {test: null, b: [1], c: {steps: x}}',
  'on: push\njobs: {test: {runs-on: {group: 1}, env: [], services: [a], container: 5, strategy: {matrix: 5}, steps: [1, null, {run: {}}, {uses: 5}]}}',
  'on: {push: 5, pull_request: [1]}\nenv: x\ndefaults: {run: 3}\njobs: {test: {steps: {run: npm test}}}',
  'on: push\njobs: {constructor: {__proto__: {steps: []}, steps: [{run: "npm test", env: {__proto__: x, constructor: y}}]}}',
  'on: push\njobs: {test: {needs: [test, toString], steps: [{uses: ./}, {uses: ./../x}, {uses: "./a", with: 3}]}}',
  '\u0000\uFFFD\uFEFF',
])('odd types are no error: %j', async (text) => {
  expect(Environment.parse(await describeFiles({ [ci]: text }))).toBeDefined();
});

test('a repository without files asks for nothing', async () => {
  expect(await describeEnvironment(treeOf({}))).toEqual(emptyEnvironment);
});

test('workflows that call each other without end are read a few times', async () => {
  const { tests } = await describeFiles({
    [ci]: 'on: [push, workflow_call]\njobs: {a: {uses: ./.github/workflows/ci.yml}, test: {steps: [{run: npm test}]}}',
  });
  expect(tests.length).toBe(1);
});

test('NUL is in no variable', async () => {
  const { variables, services } = await describeFiles({
    [ci]: 'on: push\njobs: {test: {env: {A: "x\\0", B: y}, steps: [{run: npm test}]}}',
    'compose.yml': 'services: {db: {image: "redis:7", environment: {C: "z\\0"}}}',
  });
  expect([variables, services[0]?.variables]).toEqual([{ B: 'y' }, { C: 'z' }]);
  const devcontainer = '{"containerEnv": {"A": "x\\u0000", "B": "y"}}';
  expect((await describeFiles({ '.devcontainer.json': devcontainer })).variables).toEqual({ B: 'y' });
});

test('an expression cannot fill the memory, run code or take long', () => {
  const lookup = () => undefined;
  const nested = Array.from({ length: 40 }).reduce<string>((inner) => `format('{0}{0}{0}', ${inner})`, "'x'");
  expect(interpolate(`\${{ ${nested} }}`, lookup).isKnown).toBe(false);
  for (const expression of ['constructor()', 'toString(1)', '__proto__', '((', 'a.b.c', 'hashFiles()'])
    expect(interpolate(`\${{ ${expression} }}`, lookup).isKnown).toBe(false);
  const start = performance.now();
  interpolate(`\${`.concat('{').repeat(200_000), lookup);
  splitScript(`${'if true; then\n'.repeat(20_000)}${"'".repeat(20_000)}${'<<E\n'.repeat(20_000)}`);
  expect(performance.now() - start).toBeLessThan(5000);
});

const word = fc.constantFrom(
  'on',
  'push',
  'jobs',
  'test',
  'steps',
  'run',
  'uses',
  'with',
  'env',
  'services',
  'image',
  'ports',
  'strategy',
  'matrix',
  'include',
  'exclude',
  'needs',
  'if',
  'container',
  'options',
  'npm test',
  'postgres:16',
  './.github/workflows/ci.yml',
  './a',
  'actions/setup-node@v4',
  'node-version',
  'docker compose up -d',
  'docker run -d',
  `\${{ matrix.a }}`,
  `\${{ secrets.X }}`,
  `\${{ fromJSON('[1]') }}`,
  'cd a && npm test',
  'environment',
  'depends_on',
  'build',
  'extends',
  'command',
  'x'.repeat(50),
  '__proto__',
  'constructor',
  '',
);
const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 6 },
    word,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(word, tie('node'), { maxKeys: 6 }),
  ),
})).node;

test('no file of random values is an error', async () => {
  const job = fc.dictionary(word, value, { maxKeys: 8 });
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(word, job, { maxKeys: 4 }),
      value,
      value,
      async (jobs, compose, action) => {
        const described = await describeFiles({
          [ci]: JSON.stringify({ on: 'push', jobs }),
          'docker-compose.yml': JSON.stringify({ services: compose }),
          'a/action.yml': JSON.stringify({ runs: { steps: action } }),
          'package.json': JSON.stringify(action),
          '.devcontainer/devcontainer.json': JSON.stringify(compose),
        });
        expect(Environment.safeParse(described).success).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});

test('no text is an error', async () => {
  const text = fc.string({
    maxLength: 300,
    unit: fc.constantFrom(...'abon:{}[]&*#|>-\n\t "\'$@!%,?npm test=;()\\'),
  });
  await fc.assert(
    fc.asyncProperty(text, async (found) => {
      const files = [
        ci,
        'docker-compose.yml',
        'go.mod',
        '.tool-versions',
        'mise.toml',
        'pom.xml',
        'Makefile',
        '.nvmrc',
      ];
      const described = await describeFiles({
        ...Object.fromEntries(files.map((file) => [file, found])),
        '.github/workflows/b.yml': JSON.stringify({
          on: 'push',
          jobs: { test: { steps: [{ run: found }, { run: 'make test' }] } },
        }),
      });
      expect(Environment.safeParse(described).success).toBe(true);
    }),
    { numRuns: 100 },
  );
});

describe('a file of variables', () => {
  const files = {
    'README.md': 'First:\n\n```sh\ncp .env.example .env\ncp other.env .env.test\n```\n',
    '.env.example': 'A=b',
    '.gitignore': 'node_modules\n/.env\n',
  };
  const copy = ['[ -e .env ] || cp .env.example .env'];
  test('is copied from its example if the guide tells so', async () => {
    const { preparation } = await describeFiles(files);
    expect(commandsOf(preparation)).toEqual(copy);
  });
  test.each([
    ['exists', { '.env': '' }],
    ['is not ignored by git', { '.gitignore': 'node_modules' }],
    [
      'is not needed in CI, which starts the servers',
      {
        [ci]: `on: push\njobs:\n  test:\n    runs-on: x\n    services: {db: {image: postgres}}\n    steps: [{run: npm test}]`,
      },
    ],
  ])('is not copied if it %s', async (_, more) => {
    const { preparation } = await describeFiles({ ...files, ...more });
    expect(preparation).toEqual([]);
  });
});
