import { describe, expect, test } from '@jest/globals';
import { ci, commandsOf, describeFiles, describeJobs, job } from './tree.js';

test('a job in a language without a toolchain here is left out with what it prepares, unless it is the only one', async () => {
  const elixir = job('elixir', 'run: mix deps.get', 'run: mix compile', 'run: mix test\n        env: {A: b}');
  const { tests, preparation, unclear } = await describeJobs(
    elixir + job('node', 'run: npm ci', 'run: npm run build', 'run: npm test'),
  );
  expect(commandsOf(tests)).toEqual(['npm test']);
  expect(commandsOf(preparation)).toEqual(['npm run build']);
  expect(unclear).toEqual([`${ci}: the job elixir was left out, because nothing here provides \`mix\`.`]);

  const alone = await describeJobs(elixir);
  expect(commandsOf(alone.tests)).toEqual(['mix test']);
  expect(commandsOf(alone.preparation)).toEqual(['mix compile']);
});

test('another job whose tests need a secret and no server is left out, and the others run', async () => {
  const secret = (name: string) => `\${{ secrets.${name} }}`;
  const cloud = job(
    'cloud',
    'run: npm run build:cloud',
    `run: npm run test:live\n        env: {CLOUD_KEY: "${secret('KEY')}"}`,
  );
  const withServer = cloud
    .replace('cloud:', 'api:')
    .replace('test:live', 'test:api')
    .replace('CLOUD_KEY', 'API_KEY')
    .replace('    steps:', '    services: {redis: {image: "redis:7"}}\n    steps:');
  const { tests, preparation, unclear } = await describeFiles({
    '.github/workflows/tests.yml': `on: push\njobs:\n${job('unit', 'run: npm test')}`,
    '.github/workflows/cloud.yml': `on: push\njobs:\n${cloud}${withServer}`,
  });
  expect(commandsOf(tests).sort()).toEqual(['npm run test:api', 'npm test']);
  expect(commandsOf(preparation)).toEqual(['npm run build:cloud']);
  expect(unclear).toContain(
    '.github/workflows/cloud.yml: the job cloud was left out, because its tests need CLOUD_KEY, which CI takes from secrets.',
  );

  const alone = await describeJobs(cloud);
  expect(commandsOf(alone.tests)).toEqual(['npm run test:live']);
  expect(alone.unclear).toEqual([
    `${ci}: the tests run without CLOUD_KEY, because CI takes them from secrets.`,
  ]);
});

describe('the preparation of several jobs', () => {
  test('repeats nothing that an earlier job prepares with the same variables', async () => {
    const build = (env: string) => `run: npm run build\n        env: {${env}}`;
    const { preparation } = await describeJobs(
      job('test', build('A: "x y", B: "1"'), 'run: npm test\n        env: {A: "x y", B: "1"}') +
        job('web', build('B: "1"'), 'run: npm run test:web') +
        job('api', build('B: "2"'), 'run: npm run test:api'),
    );
    expect(commandsOf(preparation)).toEqual(['npm run build', 'export B=2\nnpm run build']);
  });

  test('is that of the first one that writes a file', async () => {
    const { tests, preparation, unclear } = await describeJobs(
      job('sqlite', 'run: cp config/sqlite.json config.json', 'run: npm run test:sqlite') +
        job('memory', "run: jq '.memory' all.json > config.json", 'run: npm run test:memory'),
    );
    expect(commandsOf(tests)).toEqual(['npm run test:sqlite']);
    expect(commandsOf(preparation)).toEqual(['cp config/sqlite.json config.json']);
    expect(unclear).toEqual([
      `${ci}: the job memory was left out, because it writes config.json in another way than the job sqlite.`,
    ]);
  });

  test('restores a database', async () => {
    const { tests, preparation, found } = await describeJobs(
      job('test', 'run: npm run db:restore:test\n        env: {A: "x\\ny"}', 'run: npm test'),
    );
    expect(commandsOf(tests)).toEqual(['npm test']);
    expect(commandsOf(preparation)).toEqual(["export A='x\ny'\nnpm run db:restore:test"]);
    expect(found[0]).toBe(`1 command that prepares the tests from ${ci}: \`npm run db:restore:test\``);
  });
});
