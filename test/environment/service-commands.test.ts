import { describe, expect, test } from '@jest/globals';
import { ci, commandsOf, describeJobs, job, step } from './tree.js';

describe('services of commands', () => {
  test.each([
    ['docker compose -f infra/test.yml up -d > /dev/null', ['db', 'other']],
    ['docker compose -f infra/test.yml up -d || true', ['db', 'other']],
    ['docker compose -f infra/test.yml up -d other 2> /dev/null', ['other']],
    ['docker run -d --name db redis:7 || true', ['db']],
    ['docker run -d localhost:5000/postgres:12', ['postgres']],
  ])('come from `%s`', async (command, names) => {
    const { services } = await describeJobs(job('test', `run: ${command}`, 'run: npm test'), {
      'infra/test.yml': 'services: {db: {image: "postgres:16"}, other: {image: "mysql:8"}}',
    });
    expect(services.map(({ name }) => name)).toEqual(names);
    expect(services.map((service) => service.arguments)).toEqual(names.map(() => []));
  });

  test('of two actions on two ports are two servers', async () => {
    const { services } = await describeJobs(
      job(
        'test',
        'uses: supercharge/redis-github-action@1.7.0\n        with: {redis-version: 7}',
        'uses: shogo82148/actions-setup-redis@v1\n        with: {redis-version: 8, redis-port: 8080}',
        'uses: rrainn/dynamodb-action@v3.0.0',
        'run: npm test',
      ),
    );
    expect(services).toMatchObject([
      { name: 'redis', version: '7', ports: [6379] },
      { name: 'redis-2', version: '8', ports: [6379, 8080] },
      { kind: 'other', image: 'amazon/dynamodb-local', ports: [8000] },
    ]);
  });

  const project = `services:
  db: {image: "postgres:16"}
  mail: {build: ./mail}
  tests:
    build: {context: ./api}
    depends_on: [db]
    command: sh -c "npm run migrate && npm test"
    environment: {DATABASE_URL: "postgres://db/test", MAIL_URL: "smtp://mail:25", MODE: fast}
`;
  const api = JSON.stringify({ scripts: { migrate: 'knex migrate:latest', test: 'jest' } });

  test.each([
    'docker compose -f test.yml up --build --exit-code-from tests',
    'docker compose -f test.yml up --exit-code-from=tests',
    'docker compose -f test.yml up --abort-on-container-exit',
    `docker compose -f test.yml run --rm -e MODE=fast tests sh -c 'npm run migrate && npm test'`,
  ])('come with the command and the variables of the container that tests: `%s`', async (command) => {
    const { services, tests, preparation, variables } = await describeJobs(job('test', `run: ${command}`), {
      'test.yml': project,
      'api/package.json': api,
    });
    expect(services.map(({ name }) => name)).toContain('db');
    expect(commandsOf(preparation)).toEqual(['api: npm run migrate']);
    expect(commandsOf(tests)).toEqual(['api: npm test']);
    expect(variables).toEqual({ DATABASE_URL: 'postgres://db/test', MODE: 'fast' });
  });

  test('come with the command of the compose file if `run` names none, and with what it depends on', async () => {
    const scripts = { 'test:docker': 'docker-compose -f ci.yml run --rm tests', test: 'node bin/test.js' };
    const compose = `services:
  tests:
    build: .
    depends_on: [cluster]
    command: sh -c "/wait && npm test"
    environment: {REDIS_HOST: 0.0.0.0}
  cluster: {image: example/redis-cluster}
  unused: {image: example/mail}
`;
    const { services, tests, preparation, variables } = await describeJobs(
      job('test', 'run: npm run test:docker'),
      { 'ci.yml': compose, 'package.json': JSON.stringify({ scripts }) },
    );
    expect(services).toMatchObject([{ name: 'cluster', kind: 'other' }]);
    expect(commandsOf(tests)).toEqual(['npm test']);
    expect(preparation).toEqual([]);
    expect(variables).toEqual({ REDIS_HOST: '0.0.0.0' });
  });

  test('run the code of the repository in the image of a language', async () => {
    const { services, tests, preparation } = await describeJobs(
      job(
        'test',
        'run: docker compose run --rm --no-TTY app yarn build',
        'run: docker compose run --rm app yarn test',
      ),
      {
        'compose.yml':
          'services: {app: {image: "node:16", volumes: [".:/app"], depends_on: [db]}, db: {image: "redis:6"}}',
        'package.json': JSON.stringify({ scripts: { build: 'tsc', test: 'ava' } }),
      },
    );
    expect(services.map(({ name }) => name)).toEqual(['db']);
    expect(commandsOf(preparation)).toEqual(['yarn build']);
    expect(commandsOf(tests)).toEqual(['yarn test']);
  });

  test.each<[string, Record<string, string>]>([
    ['before the script', { pretest: 'docker compose -f db/compose.yml up -d', test: 'jest' }],
    [
      'that the script calls by their names',
      { test: 'run-s up unit', up: 'cd db && docker compose up --wait', unit: 'jest' },
    ],
  ])('come from scripts %s', async (_, scripts) => {
    const { services, tests } = await describeJobs(job('test', 'run: npm test'), {
      'db/compose.yml': 'services: {db: {build: ., ports: ["5433:5432"]}}',
      'db/Dockerfile':
        'ARG V=15\nFROM --platform=linux/amd64 postgres:$V-alpine AS base\nFROM base\nCOPY a b\n',
      'package.json': JSON.stringify({ scripts }),
    });
    expect(services).toMatchObject([{ kind: 'postgres', version: '15', ports: [5432, 5433] }]);
    expect(commandsOf(tests)).toEqual(['npm test']);
  });

  test('come from a job with a database if no job is known to test', async () => {
    const { services, tests, preparation, variables, unclear } = await describeJobs(
      job('lint', 'run: npm run lint') +
        `  db:\n    runs-on: ubuntu-latest\n    env: {PGHOST: localhost}\n    services: {postgres: {image: "postgres:16"}}\n    steps:\n` +
        step('run: npm ci', 'run: npm run test:init', 'run: npm run everything'),
      {
        'package.json': JSON.stringify({
          scripts: { lint: 'eslint .', 'test:init': 'node init.js', everything: 'node run.js' },
        }),
      },
    );
    expect(services).toMatchObject([{ name: 'postgres', version: '16' }]);
    expect(tests).toEqual([]);
    expect(commandsOf(preparation)).toEqual(['npm run test:init', 'npm run everything']);
    expect(variables).toEqual({ PGHOST: 'localhost' });
    expect(unclear).toEqual([
      `${ci}: no command of CI is known to test; the servers are those of the job db.`,
    ]);
  });

  test('are named if only the image knows the command that tests', async () => {
    const { tests, unclear } = await describeJobs(
      job('test', 'run: npm test') +
        job('e2e', 'run: docker compose -f test.yml up --exit-code-from app') +
        job('other', 'run: docker compose -f test.yml up -d'),
      { 'test.yml': 'services: {db: {image: "postgres:16"}, app: {build: .}}' },
    );
    expect(commandsOf(tests)).toEqual(['npm test']);
    expect(unclear).toEqual([
      `${ci}: the step "docker compose -f test.yml up --exit-code-from app" was left out, because ` +
        '`docker compose -f test.yml up --exit-code-from app` runs the tests in a container.',
    ]);
  });

  test('lose their secrets, and are left out if a value is not known; both are named', async () => {
    const { services, unclear } = await describeJobs(
      job(
        'test',
        `run: docker run -d -e POSTGRES_USER=app -e POSTGRES_PASSWORD=\${{ secrets.PW }} postgres:16`,
        `run: docker run -d -p 6379:6379 -e A=\${{ steps.x.outputs.y }} redis:7`,
        `run: docker compose up -d \${{ steps.x.outputs.y }}`,
        'run: npm test',
      ),
    );
    expect(services).toMatchObject([{ kind: 'postgres', variables: { POSTGRES_USER: 'app' } }]);
    expect(services[0]?.variables).not.toHaveProperty('POSTGRES_PASSWORD');
    expect(unclear).toEqual([
      `${ci}: \`docker run -d -e POSTGRES_USER=app -e POSTGRES_PASSWORD=… postgres:16\` needs a secret, and its server runs without it.`,
      expect.stringMatching(/a value in `docker run -d -p 6379:6379 -e A=… redis:7` is not known\.$/),
      expect.stringMatching(/a value in `docker compose up -d …` is not known\.$/),
    ]);
  });

  test('have no variable whose option only GitHub knows', async () => {
    const { services } = await describeJobs(`
  test:
    runs-on: ubuntu-latest
    services: {db: {image: "redis:7", options: "-e A=\${{ needs.x.outputs.y }} -e B=1"}}
    steps:
${step('run: npm test')}`);
    expect(services).toMatchObject([{ variables: { B: '1' } }]);
    expect(services[0]?.variables).not.toHaveProperty('A');
  });
});
