import { describe, expect, test } from '@jest/globals';
import { ci, describeFiles, describeJobs, job } from './tree.js';

describe('a version comes from', () => {
  test.each([
    ['.nvmrc', 'lts/iron\n', 'node', 'lts/iron'],
    ['.nvmrc', '# comment\nv20.11.1 # this one\n', 'node', 'v20.11.1'],
    ['.node-version', '22', 'node', '22'],
    ['.tool-versions', 'nodejs 20.1.0\n', 'node', '20.1.0'],
    ['.tool-versions', 'java temurin-21.0.2+13.0.LTS', 'java', '21.0.2'],
    ['mise.toml', '[tools]\nnode = ["20", "18"]\n', 'node', '20'],
    ['.mise.toml', '[tools]\ngolang = { version = "1.22" }\n', 'go', '1.22'],
    ['package.json', '{"engines": {"node": ">=18.12"}}', 'node', '>=18.12'],
    ['package.json', '{"engines": {"node": ">=18"}, "volta": {"node": "20.9.0"}}', 'node', '20.9.0'],
    ['package.json', '{"devEngines": {"runtime": {"name": "node", "version": "^22"}}}', 'node', '^22'],
    ['package.json', '{"packageManager": "bun@1.2.3"}', 'bun', '1.2.3'],
    ['.python-version', '3.12\n', 'python', '3.12'],
    ['pyproject.toml', '[project]\nrequires-python = ">=3.11"\n', 'python', '>=3.11'],
    ['pyproject.toml', '[tool.poetry.dependencies]\npython = "^3.10"\n', 'python', '^3.10'],
    ['runtime.txt', 'python-3.11.4', 'python', '3.11.4'],
    ['go.mod', 'module x\n\ngo 1.21\n\ntoolchain go1.22.3\n', 'go', '1.22.3'],
    ['go.mod', 'module x\n\ngo 1.21\n', 'go', '1.21'],
    ['rust-toolchain.toml', '[toolchain]\nchannel = "1.79"\n', 'rust', '1.79'],
    ['rust-toolchain', 'stable\n', 'rust', 'stable'],
    ['global.json', '{"sdk": {"version": "8.0.100"}} // comment', 'dotnet', '8.0.100'],
    ['.ruby-version', 'ruby-3.3.0', 'ruby', '3.3.0'],
    ['Gemfile', 'source "x"\nruby "~> 3.2"\n', 'ruby', '~> 3.2'],
    ['composer.json', '{"require": {"php": "^8.2"}}', 'php', '^8.2'],
    ['.java-version', '17', 'java', '17'],
    ['.sdkmanrc', 'java=17.0.9-tem', 'java', '17.0.9'],
    ['pom.xml', '<properties><java.version>21</java.version></properties>', 'java', '21'],
    ['pom.xml', '<maven.compiler.source>1.8</maven.compiler.source>', 'java', '8'],
    ['build.gradle.kts', 'java { toolchain { languageVersion = JavaLanguageVersion.of(17) } }', 'java', '17'],
  ])('%s with %j', async (file, text, name, version) => {
    expect((await describeFiles({ [file]: text })).toolchains).toEqual([{ name, version, source: file }]);
  });
});

const setup = (inputs: string, action = 'actions/setup-node@v4') =>
  `on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - {uses: ${action}, with: {${inputs}}}\n      - run: npm test\n`;

describe('CI', () => {
  test('takes precedence over files', async () => {
    const { toolchains } = await describeFiles({ [ci]: setup('node-version: 20'), '.nvmrc': '18' });
    expect(toolchains).toEqual([{ name: 'node', version: '20', source: ci }]);
  });
  test('may name the file, which then counts', async () => {
    const { toolchains } = await describeFiles({
      [ci]: setup('node-version-file: package.json'),
      '.nvmrc': '18',
      'package.json': '{"engines": {"node": "22"}}',
    });
    expect(toolchains).toEqual([{ name: 'node', version: '22', source: 'package.json' }]);
  });
  test('does not count where the engines exclude its version', async () => {
    const { toolchains, unclear } = await describeFiles({
      [ci]: setup('node-version: 16'),
      '.nvmrc': '20',
      'package.json': '{"engines": {"node": ">=18"}}',
    });
    expect(toolchains).toEqual([{ name: 'node', version: '20', source: '.nvmrc' }]);
    expect(unclear).toEqual([
      `${ci} asks for Node 16, but the engines of package.json for >=18; 20 from .nvmrc was chosen.`,
    ]);
  });
  test.each([
    ['actions/setup-python@v5', 'python-version: "3.12"', 'python', '3.12'],
    ['actions/setup-python@v5', 'python-version: "3.11\\n3.13\\n3.14-dev"', 'python', '3.13'],
    ['astral-sh/setup-uv@v5', 'python-version: "3.13"', 'python', '3.13'],
    ['actions/setup-go@v5', 'go-version: stable', 'go', 'stable'],
    ['actions/setup-java@v4', 'java-version: 21, distribution: temurin', 'java', '21'],
    ['ruby/setup-ruby@v1', 'ruby-version: "3.3"', 'ruby', '3.3'],
    ['shivammathur/setup-php@v2', 'php-version: "8.3"', 'php', '8.3'],
    ['actions/setup-dotnet@v4', 'dotnet-version: 8.0.x', 'dotnet', '8.0.x'],
    ['dtolnay/rust-toolchain@1.75.0', 'components: clippy', 'rust', '1.75.0'],
    ['oven-sh/setup-bun@v2', 'bun-version: latest', 'bun', 'latest'],
    ['denoland/setup-deno@v2', 'deno-version: v2.x', 'deno', 'v2.x'],
  ])('uses %s with %s', async (action, inputs, name, version) => {
    const { toolchains } = await describeFiles({ [ci]: setup(inputs, action) });
    expect(toolchains).toEqual([{ name, version, source: ci }]);
  });
  test('names the version of pnpm', async () => {
    expect((await describeFiles({ [ci]: setup('version: 9', 'pnpm/action-setup@v4') })).packageManager).toBe(
      'pnpm@9',
    );
  });
  test('whose tests are all in one folder uses the files of that folder', async () => {
    const text =
      'on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    defaults: {run: {working-directory: api}}\n    steps: [{run: npm test}]\n';
    const { toolchains } = await describeFiles({
      [ci]: text,
      'api/.nvmrc': '22',
      '.nvmrc': '18',
      '.python-version': '3.12',
    });
    expect(toolchains).toEqual([
      { name: 'node', version: '22', source: 'api/.nvmrc' },
      { name: 'python', version: '3.12', source: '.python-version' },
    ]);
  });
});

test('a devcontainer counts last', async () => {
  const { toolchains } = await describeFiles({
    '.devcontainer/devcontainer.json': `{
      // the image
      "image": "mcr.microsoft.com/devcontainers/typescript-node:1-20-bookworm", /* and
      features */
      "features": { "ghcr.io/devcontainers/features/python:1": { "version": "3.12" }, "ghcr.io/x/go:1": "latest", },
      "containerEnv": { "API": "http://localhost", "HOME_OF": "\${localEnv:HOME}", },
    }`,
    '.python-version': '3.11',
  });
  expect(toolchains).toEqual([
    { name: 'python', version: '3.11', source: '.python-version' },
    { name: 'node', version: '20', source: '.devcontainer/devcontainer.json' },
  ]);
});

test('an action that installs the newest Bun asks for it, unless a file names a version', async () => {
  const jobs = job('test', 'uses: oven-sh/setup-bun@v2', 'uses: actions/setup-node@v4', 'run: bun test');
  const newest = [{ name: 'bun', version: 'latest', source: ci }];
  expect((await describeJobs(jobs)).toolchains).toEqual(newest);
  const { toolchains } = await describeJobs(jobs, { '.bun-version': '1.1.0' });
  expect(toolchains).toEqual([{ name: 'bun', version: '1.1.0', source: '.bun-version' }]);
});
