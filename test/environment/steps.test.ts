import { describe, expect, test } from '@jest/globals';
import { ci, commandsOf, describeFiles, describeJobs, job, run, step } from './tree.js';

describe('steps', () => {
  test('of local actions are read with their inputs, also an action that calls itself', async () => {
    const { toolchains, installs, variables, tests } = await describeJobs(
      job('test', 'uses: ./.github/actions/prepare\n        with: {node: 20}', 'run: npm test'),
      {
        '.github/actions/prepare/action.yml': `inputs: {node: {default: "16"}, mode: {default: fast}}
runs:
  using: composite
  steps:
    - uses: actions/setup-node@v4
      with: {node-version: "\${{ inputs.node }}"}
    - run: npm ci
      shell: bash
    - run: echo "MODE=\${{ inputs.mode }}" >> $GITHUB_ENV
      shell: bash
    - uses: ./.github/actions/prepare
`,
      },
    );
    expect(toolchains).toMatchObject([{ name: 'node', version: '20' }]);
    expect(commandsOf(installs)).toEqual(['npm ci']);
    expect(variables).toEqual({ MODE: 'fast' });
    expect(commandsOf(tests)).toEqual(['npm test']);
  });

  test('of a reusable workflow are read with the inputs of its caller', async () => {
    const { toolchains, tests, unclear } = await describeFiles({
      [ci]: 'on: push\njobs:\n  call:\n    uses: ./.github/workflows/reusable.yml\n    with: {version: 20, folder: api}\n  remote:\n    uses: acme/workflows/.github/workflows/test.yml@v1\n',
      '.github/workflows/reusable.yml': `on: {workflow_call: {inputs: {version: {type: number}, folder: {type: string}, script: {type: string, default: "test:ci"}}}}
jobs:
  test:
    runs-on: ubuntu-latest
    defaults: {run: {working-directory: "\${{ inputs.folder }}"}}
    steps:
${step(`uses: actions/setup-node@v4\n        with: {node-version: "\${{ inputs.version }}"}`, `run: npm run \${{ inputs.script }}`)}`,
    });
    expect(toolchains).toMatchObject([{ version: '20', source: '.github/workflows/reusable.yml' }]);
    expect(commandsOf(tests)).toEqual(['api: npm run test:ci']);
    expect(unclear).toEqual([
      `${ci}: the job remote calls acme/workflows/.github/workflows/test.yml@v1 of another repository, which was not read.`,
    ]);
  });

  test.each([
    ['nvm install --default 24', 'node', '24'],
    ['nvm use "20.11" && node -v', 'node', '20.11'],
    ['nvm install lts/iron', 'node', 'lts/iron'],
    ['volta install node@22', 'node', '22'],
    ['pyenv global 3.12', 'python', '3.12'],
  ])('that select a toolchain with `%s` name its version', async (command, name, version) => {
    const { toolchains, tests } = await describeJobs(job('test', `run: ${command}`, 'run: npm test'));
    expect(toolchains).toEqual([{ name, version, source: ci }]);
    expect(commandsOf(tests)).toEqual(['npm test']);
  });

  test('run in their folder, in that of the job, or where `cd` goes', async () => {
    const { tests, installs } = await describeJobs(`
  test:
    runs-on: ubuntu-latest
    defaults: {run: {working-directory: server}}
    steps:
${step('run: npm test', 'run: npm test\n        working-directory: ./worker/', run('cd lib && npm ci', 'npm run test:unit # fast', 'cd ..', 'npm run test:e2e'))}`);
    expect(commandsOf(tests)).toEqual([
      'server: npm test',
      'worker: npm test',
      'server/lib: npm run test:unit',
      'server: npm run test:e2e',
    ]);
    expect(commandsOf(installs)).toEqual(['server/lib: npm ci']);
  });

  test('with a checkout into a folder of its own are read from the root', async () => {
    const { tests } = await describeJobs(
      job(
        'test',
        'uses: actions/checkout@v4\n        with: {path: repo}',
        'run: npm test\n        working-directory: repo/api',
      ),
    );
    expect(commandsOf(tests)).toEqual(['api: npm test']);
  });

  test('whose condition is false are left out; one that only GitHub can decide is named', async () => {
    const { preparation, tests, unclear } = await describeJobs(
      job(
        'test',
        "run: npm run build\n        if: runner.os == 'Linux' && github.event_name != 'release'",
        "run: npm run migrate\n        if: github.ref == 'refs/tags/v1'",
        'run: npm run seed\n        if: failure()',
        "run: npm run generate\n        if: steps.x.outputs.changed == 'yes'",
        `run: npm test\n        if: \${{ always() }}`,
        "run: npm run test:fork\n        if: github.repository == 'acme/shop'",
        "run: mv coverage results\n        if: steps.x.outputs.coverage != ''",
      ),
    );
    expect(commandsOf(preparation)).toEqual(['npm run build']);
    expect(commandsOf(tests)).toEqual(['npm test']);
    expect(unclear).toEqual([
      `${ci}: the step "npm run generate" was left out, because the condition \`steps.x.outputs.changed == 'yes'\` is not known.`,
      `${ci}: the step "npm run test:fork" was left out, because the condition \`github.repository == 'acme/shop'\` is not known.`,
    ]);
  });

  test('that CI needs but tests do not are left out; system packages are named', async () => {
    const { preparation, unclear } = await describeJobs(
      job(
        'test',
        'run: sudo apt-get update && sudo apt-get install -y imagemagick',
        run(
          'node --version',
          'npm run lint',
          'npx tsc --noEmit',
          'npm audit',
          'echo "x=1" >> $GITHUB_OUTPUT',
          'git fetch --tags',
          'docker build .',
          'npx eslint .',
        ),
        run('until pg_isready; do', '  sleep 1', 'done'),
        run(
          'git config --global user.name test',
          'createdb app_test',
          'psql -c "CREATE EXTENSION citext" app_test',
        ),
        run('cat > .env <<EOF', 'A=1', 'EOF', 'echo "B=2" >> .env'),
        'run: npm start &',
        'run: npm test',
        'run: npm run report',
      ),
    );
    expect(commandsOf(preparation)).toEqual([
      'git config --global user.name test',
      'createdb app_test',
      'psql -c "CREATE EXTENSION citext" app_test',
      'cat > .env <<EOF\nA=1\nEOF',
      'echo "B=2" >> .env',
    ]);
    expect(unclear).toEqual([
      `${ci}: CI installs packages of the system, which this machine may lack: imagemagick.`,
    ]);
  });

  test('that need a secret are named, and tests run without it', async () => {
    const { preparation, tests, unclear } = await describeJobs(
      job(
        'test',
        `run: echo "\${{ secrets.ENV_FILE }}" > .env`,
        `run: npm test -- --key=\${{ secrets.KEY }}`,
      ),
    );
    expect(commandsOf(preparation)).toEqual([]);
    expect(commandsOf(tests)).toEqual(['npm test -- --key=']);
    expect(unclear).toHaveLength(1);
    expect(unclear[0]).toMatch(/was left out, because `echo "…" > \.env` needs a secret\.$/);
  });

  test('whose names say that they test are believed, except if they migrate', async () => {
    const { preparation, tests } = await describeJobs(
      job('test', 'run: ./check-all\n        name: Run integration tests', 'run: npm run runtest'),
    );
    expect([commandsOf(preparation), commandsOf(tests)]).toEqual([[], ['./check-all', 'npm run runtest']]);
    const migrates = 'run: npm run migrate down\n        name: Integration tests';
    expect(commandsOf((await describeJobs(job('test', migrates))).tests)).toEqual([]);
  });

  test('of actions that run a command are read like others', async () => {
    const { tests } = await describeJobs(
      job(
        'test',
        'uses: nick-fields/retry@v3\n        with: {command: npm test, max_attempts: 3}',
        'uses: actions-rs/cargo@v1\n        with: {command: test, args: --all}',
      ),
    );
    expect(commandsOf(tests)).toEqual(['npm test', 'cargo test --all']);
  });
});

describe('a test command', () => {
  const scripts = {
    'package.json': JSON.stringify({
      scripts: {
        ci: 'run-s lint cover',
        lint: 'eslint .',
        cover: 'c8 mocha',
        validate: 'npm run ci',
        'test:lint': 'eslint test',
        'test:db': 'node create.js',
        build: 'tsc',
        'test:browser': 'playwright test',
      },
    }),
    Makefile: 'test: build\n\t@go test ./...\n\nlint:\n\tgolangci-lint run\n\nprepare:\n\tcreatedb x\n',
    'scripts/check.sh': '#!/bin/sh\nset -e\npytest -q\n',
  };
  const find = async (command: string) =>
    commandsOf((await describeJobs(job('x', run(command)), scripts)).tests);
  test.each([
    'npm test',
    'npm t',
    'pnpm -r test',
    'pnpm --filter api run test:unit',
    'yarn test --coverage',
    'yarn workspace api test',
    'yarn workspaces foreach -A run test',
    'npm run test:ci',
    'npm run validate',
    'npm run cover',
    'npx jest --ci',
    'pnpm exec vitest run',
    'yarn mocha',
    'node --test',
    'npx nx run-many -t test',
    'npx turbo run test --filter=api',
    'npx lerna run test',
    'bun test',
    'deno test -A',
    'npx cross-env A=b nyc mocha',
    'pytest -q',
    'poetry run pytest',
    'uv run --frozen pytest',
    'python -m pytest',
    'python manage.py test',
    'tox -e py312',
    'coverage run -m pytest',
    './scripts/check.sh',
    'bash scripts/check.sh',
    'go test ./... -race',
    'gotestsum -- ./...',
    'make test',
    './mvnw -B verify',
    'mvn test',
    './gradlew build',
    './gradlew :api:integrationTest',
    'cargo test --workspace',
    'cargo nextest run',
    'bundle exec rspec',
    'bin/rails test',
    'bundle exec rake',
    'vendor/bin/phpunit',
    'php artisan test',
    'composer test',
    'dotnet test --no-build',
    'xvfb-run -a npm test',
    'timeout 300 npm test',
    'DB=x npm test',
  ])('is %s', async (command) => {
    expect(await find(command)).toEqual([command]);
  });
  test.each([
    'npm run lint',
    'npm run test:lint',
    'npm run build',
    'npm run build:test',
    'npm run test:types',
    'yarn db:test:prepare',
    'npx eslint test',
    'make lint',
    'make prepare',
    './mvnw package -DskipTests',
    './gradlew assemble',
    'cargo build',
    'npm install test',
    'git test',
    'echo npm test',
    'npm run typecheck',
    'pnpm approve-builds',
    'test -f x',
  ])('is not %s', async (command) => {
    expect(await find(command)).toEqual([]);
  });
  test('loses what splits or repeats it, and what hides its exit code', async () => {
    expect(await find('npm test -- --shard=1/4 || true')).toEqual(['npm test']);
    expect(await find('npm test 2>&1 | tee log.txt')).toEqual(['npm test']);
    expect(await find('npm test || npm test || npm test')).toEqual(['npm test']);
  });
});

test('a package script that only sets variables runs the command after it', async () => {
  const { preparation } = await describeJobs(
    job('test', 'run: npm run with-env -- npm run migrate', 'run: npm test'),
    {
      'package.json': JSON.stringify({
        scripts: { 'with-env': 'dotenv -e .env --', migrate: 'knex migrate:latest' },
      }),
    },
  );
  expect(commandsOf(preparation)).toEqual(['npm run with-env -- npm run migrate']);
});

test('copilot-setup-steps come first, and CI adds the tests', async () => {
  const { toolchains, services, preparation, tests } = await describeFiles({
    '.github/workflows/copilot-setup-steps.yml': `on: workflow_dispatch
jobs:
  copilot-setup-steps:
    runs-on: ubuntu-latest
    services: {postgres: {image: "postgres:17"}}
    steps:
${step('uses: actions/setup-node@v4\n        with: {node-version: 24}', 'run: npm ci', 'run: npm run setup:all')}`,
    [ci]: `on: push\njobs:\n${job('test', 'uses: actions/setup-node@v4\n        with: {node-version: 20}', 'run: npm run build', 'run: npm test')}`,
  });
  expect(toolchains).toMatchObject([{ name: 'node', version: '24' }]);
  expect(services).toMatchObject([{ version: '17' }]);
  expect(commandsOf(preparation)).toEqual(['npm run setup:all', 'npm run build']);
  expect(commandsOf(tests)).toEqual(['npm test']);
});
