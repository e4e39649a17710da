import { describe, expect, test } from '@jest/globals';
import { ci, commandsOf, describeJobs, job, run } from './tree.js';

describe('steps', () => {
  test('after `cd -` run in the folder before', async () => {
    const { tests } = await describeJobs(
      job('test', 'run: cd api && npm ci && cd - && npm test && cd - && npm run test:unit'),
    );
    expect(commandsOf(tests)).toEqual(['npm test', 'api: npm run test:unit']);
  });

  test.each([
    ['(cd api && npm ci && npm test)', ['api: npm test']],
    ['(cd api && npm test) && npm run test:unit', ['api: npm test', 'npm run test:unit']],
    ['( cd api; (cd sub && npm test); npm test )', ['api/sub: npm test', 'api: npm test']],
    ['npm --prefix api test', ['api: npm test']],
    ['npm test --prefix=./api', ['api: npm test']],
    ['npm run --prefix api test:unit -- --prefix x', ['api: npm run test:unit -- --prefix x']],
    ['yarn --cwd "packages/api" test', ['packages/api: yarn test']],
    ['pnpm -s --dir api test', ['api: pnpm -s test']],
    ['pnpm test --dir api', ['pnpm test --dir api']],
    ['make -C api test', ['api: make test']],
  ])('with `%s` test in its folder', async (script, expected) => {
    const { tests } = await describeJobs(job('test', run(script)));
    expect(commandsOf(tests)).toEqual(expected);
  });

  test.each([
    ['pnpm nx affected -t lint,test,build --base=origin/main', 'pnpm nx run-many -t test'],
    ['npx nx affected:test --base origin/main --head HEAD --ci', 'npx nx run-many --target=test --ci'],
    ['npx lerna run test --since origin/main --stream', 'npx lerna run test --stream'],
    ['yarn test:core --since', 'yarn test:core'],
    ['npx turbo run test --filter="...[origin/main]"', 'npx turbo run test'],
    ['npx turbo run test --affected', 'npx turbo run test'],
    ["pnpm --filter '...[HEAD^1]' test", 'pnpm --recursive test'],
    ['npx jest --changedSince=origin/main --ci', 'npx jest --ci'],
    [`npx jest --changedSince \${{ github.event.before }}`, 'npx jest'],
    ['pytest --since x', 'pytest --since x'],
  ])('with `%s`, which runs the tests of a change, run all tests', async (command, every) => {
    const { tests, unclear } = await describeJobs(job('test', run(command)));
    expect(commandsOf(tests)).toEqual([every]);
    expect(unclear).toEqual([]);
  });

  test('with an account of another company are left out beside other tests', async () => {
    const { tests, toolchains } = await describeJobs(
      job('e2e-test', `run: npm run test:cloud\n        env: {KEY: "\${{ secrets.KEY }}"}`) +
        job('unit-test', 'uses: actions/setup-node@v4\n        with: {node-version: 22}', 'run: npm test'),
    );
    expect(toolchains).toMatchObject([{ version: '22' }]);
    expect(commandsOf(tests)).toEqual(['npm test']);
  });

  test('of fuzzing and of remote browsers count only if there are no others', async () => {
    const jobs = job('fuzz', run('npm run test:fuzz')) + job('saucelabs-test', run('npm run test:cloud'));
    expect(commandsOf((await describeJobs(jobs + job('test', run('npm test')))).tests)).toEqual(['npm test']);
    expect((await describeJobs(jobs)).tests).toHaveLength(2);
  });

  test('whose names say that they test count, except if their program is unknown and npm has tests', async () => {
    const steps = job('test', 'name: Run the tests\n        run: gnpm test --flag', 'run: gnpm stop');
    expect(commandsOf((await describeJobs(steps)).tests)).toEqual(['gnpm test --flag']);
    const scripts = { 'package.json': '{"scripts": {"test": "mocha"}}' };
    expect(commandsOf((await describeJobs(steps, scripts)).tests)).toEqual([]);
    const known = job('test', 'name: Run the tests\n        run: A=b node all.js');
    expect(commandsOf((await describeJobs(known, scripts)).tests)).toEqual(['A=b node all.js']);
  });

  test('that define a function or check the work tree prepare nothing', async () => {
    const lines = run('on_exit() {', '  kill "$PID"', '  wait', '}', './ci/assert-clean.sh src', 'npm test');
    const { preparation } = await describeJobs(job('test', lines), { 'ci/assert-clean.sh': 'node clean.js' });
    expect(commandsOf(preparation)).toEqual([]);
  });

  test('of end-to-end jobs count only if there are no others', async () => {
    const browser = job('e2e', run('npm run build', 'npx playwright test', 'npx vitest run load'));
    const { tests, preparation } = await describeJobs(browser + job('unit', run('npm test')));
    expect([...commandsOf(tests), ...preparation]).toEqual(['npm test']);
    expect(commandsOf((await describeJobs(browser)).tests)).toEqual(['npx vitest run load']);
  });

  test('whose tests need a value that only GitHub knows are named', async () => {
    const chunk = `run: npm test\n        env: {CHUNK: "\${{ needs.plan.outputs.chunk }}", A: b}`;
    const { unclear } = await describeJobs(job('test', chunk));
    expect(unclear).toEqual([`${ci}: the tests run without CHUNK, because only GitHub knows the values.`]);
  });

  test('call a program through a script that only names it', async () => {
    const scripts = { 'package.json': '{"scripts": {"nx": "nx"}}' };
    const lines = run('pnpm nx run-many -t lint', 'yarn nx run-many -t build', 'pnpm nx affected -t test');
    const { preparation, tests } = await describeJobs(job('test', lines), scripts);
    expect(commandsOf(preparation)).toEqual(['yarn nx run-many -t build']);
    expect(commandsOf(tests)).toEqual(['pnpm nx run-many -t test']);
  });

  test('compile with a program that a package manager starts', async () => {
    const lines = run('yarn tsc --build', 'pnpm tsc --noEmit', 'pnpm typecheck', 'yarn test');
    const { preparation } = await describeJobs(job('test', lines));
    expect(commandsOf(preparation)).toEqual(['yarn tsc --build']);
  });

  test('that install in another folder prepare it', async () => {
    const { installs, preparation } = await describeJobs(
      job('test', run('npm --prefix api ci', '(cd api && npm run build)', 'npm --prefix api test')),
    );
    expect(commandsOf(installs)).toEqual(['api: npm ci']);
    expect(commandsOf(preparation)).toEqual(['api: npm run build']);
  });

  test('that call a test script which the package.json lacks run `npm test`', async () => {
    const { tests, unclear } = await describeJobs(job('test', 'run: npm run test:cov'), {
      'package.json': '{"scripts": {"test": "mocha"}}',
    });
    expect(commandsOf(tests)).toEqual(['npm test']);
    expect(unclear).toEqual([
      `${ci}: \`npm test\` runs in place of \`npm run test:cov\`, because the package.json lacks this script.`,
    ]);
  });

  test('that export several variables give each of them its value', async () => {
    const { variables } = await describeJobs(
      job('test', run('export PGHOST=localhost PGPORT=5432 NAME="a b" NOW=$(date +%s) HOME', 'npm test')),
    );
    expect(variables).toEqual({ PGHOST: 'localhost', PGPORT: '5432', NAME: 'a b' });
  });

  test('that write variables of the job use those that the script has set', async () => {
    const { variables } = await describeJobs(
      job(
        'test',
        run(
          'SECRET=$(openssl rand -hex 24)',
          'HOST=db',
          `echo "COOKIE_SECRET=$SECRET" >> $GITHUB_ENV`,
          `echo "URL=postgres://\${HOST}:5432/test" >> "$GITHUB_ENV"`,
          'echo "ID=$(uuidgen)" >> $GITHUB_ENV',
          'echo "KEY=$(openssl rand -base64 32)" >> $GITHUB_ENV',
          'echo "FOLDER=$(pwd)/data" >> $GITHUB_ENV',
          'echo "FILES=$GITHUB_WORKSPACE/files" >> $GITHUB_ENV',
          'echo "TODAY=$(date +%F)" >> $GITHUB_ENV',
          'echo "OTHER=$MISSING" >> $GITHUB_ENV',
        ),
        'run: npm test',
      ),
    );
    expect(variables).toEqual({
      COOKIE_SECRET: expect.stringMatching(/^[0-9a-f]{48}$/),
      URL: 'postgres://db:5432/test',
      ID: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/),
      KEY: expect.stringMatching(/^[\w+/]{43}=$/),
      FOLDER: '/workspace/data',
      FILES: '/workspace/files',
    });
  });

  test('that start a program and test it run as one command', async () => {
    const { tests, unclear } = await describeJobs(
      job(
        'test',
        run('cd api', 'npm start &', 'sleep 5', 'npm run test:e2e || true', 'exit $?'),
        run('yarn start &', 'yarn test:ignored', 'exit 0'),
        `name: E2E tests\n        ${run('yarn start &', 'until curl -s localhost:3000; do', 'sleep 1', 'done', 'cd e2e', './run.sh')}`,
        run('npm start &', 'npm ci', 'npm run test:unit'),
      ),
    );
    expect(commandsOf(tests)).toEqual([
      'api: (npm start & sleep 5 && npm run test:e2e)',
      'set -e\nyarn start &\nuntil curl -s localhost:3000; do\nsleep 1\ndone\ncd e2e\n./run.sh',
      '(yarn start & npm start & sleep 5; npm run test:unit)',
    ]);
    expect(unclear).toEqual([]);
  });

  test('whose result CI ignores are left out if others test', async () => {
    const optional = 'run: npm run test:next\n        continue-on-error: true';
    const both = await describeJobs(job('test', 'run: npm test', optional));
    expect(commandsOf(both.tests)).toEqual(['npm test']);
    expect(both.unclear).toEqual([
      `${ci}: \`npm run test:next\` was left out, because CI ignores its result.`,
    ]);
    const alone = await describeJobs(job('test', optional));
    expect(commandsOf(alone.tests)).toEqual(['npm run test:next']);
    expect(alone.unclear).toEqual([]);
  });

  test('with an action that may start a server are named if only GitHub knows their condition', async () => {
    const { unclear } = await describeJobs(
      job(
        'test',
        "uses: ./.github/actions/db\n        if: steps.x.outputs.y == '1'",
        "uses: supercharge/redis-github-action@1.8.0\n        if: steps.x.outputs.y == '1'",
        "uses: actions/cache@v4\n        if: steps.x.outputs.y == '1'",
        'run: npm test',
      ),
    );
    const reason = "was left out, because the condition `steps.x.outputs.y == '1'` is not known.";
    expect(unclear).toEqual([
      `${ci}: the step "./.github/actions/db" ${reason}`,
      `${ci}: the step "supercharge/redis-github-action@1.8.0" ${reason}`,
    ]);
  });
});
