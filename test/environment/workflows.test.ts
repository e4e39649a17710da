import { describe, expect, test } from '@jest/globals';
import { ci, commandsOf, describeFiles, describeJobs, job, step } from './tree.js';

describe('the events of a workflow', () => {
  const jobs = `jobs:\n${job('test', 'run: npm test')}`;
  test.each([
    'on: push',
    'on: [pull_request]',
    'on: {push: {branches: [main, "release/**"]}}',
    'on: {push: {branches: [main], tags: ["v*"]}}',
    'on:\n  pull_request:\n    types: [opened, synchronize]',
    'on:\n  push:\n  schedule:\n    - cron: "0 0 * * *"',
    '"on":\n  pull_request_target:',
  ])('%j runs for changes', async (on) => {
    expect(commandsOf((await describeFiles({ [ci]: `${on}\n${jobs}` })).tests)).toEqual(['npm test']);
  });
  test.each([
    'on: schedule',
    'on: workflow_dispatch',
    'on: {push: {tags: ["v*"]}}',
    'on: {workflow_call: {}}',
    'on: {pull_request: {types: [closed, labeled]}}',
    'on: {release: {types: [published]}}',
  ])('%j does not', async (on) => {
    expect((await describeFiles({ [ci]: `${on}\n${jobs}` })).tests).toEqual([]);
  });
});

describe('services', () => {
  test('have the image, the variables and the ports of the job, and their names as hosts', async () => {
    const { services, variables, toolchains, tests, preparation, installs, found } = await describeJobs(`
  api:
    runs-on: ubuntu-latest
    env: {NODE_ENV: test, DATABASE_URL: "postgres://app:pw@localhost:5433/app"}
    services:
      db:
        image: postgres:16-alpine
        env: {POSTGRES_USER: app, POSTGRES_PASSWORD: pw}
        ports: ["5433:5432"]
        options: >-
          --health-cmd "pg_isready -U app"
          --health-interval 5s
      cache:
        image: docker.io/library/redis:7.2
        ports: [6379]
      ui:
        image: adminer
        ports: ["8080:8080"]
    steps:
${step('uses: actions/checkout@v4', 'uses: actions/setup-node@v4\n        with: {node-version: 22}', 'run: npm ci', 'run: cp .env.example .env', 'run: npx prisma migrate deploy', 'run: npm run lint', 'run: npm test -- --ci', 'run: npm run deploy')}`);
    expect(services).toEqual([
      {
        name: 'db',
        kind: 'postgres',
        image: 'postgres:16-alpine',
        version: '16',
        hosts: ['db'],
        ports: [5432, 5433],
        variables: { POSTGRES_USER: 'app', POSTGRES_PASSWORD: 'pw' },
        arguments: [],
        source: ci,
      },
      expect.objectContaining({ name: 'cache', kind: 'redis', version: '7.2', ports: [6379] }),
    ]);
    expect(variables).toEqual({ NODE_ENV: 'test', DATABASE_URL: 'postgres://app:pw@localhost:5433/app' });
    expect(toolchains).toEqual([{ name: 'node', version: '22', source: ci }]);
    expect(commandsOf(installs)).toEqual(['npm ci']);
    expect(commandsOf(preparation)).toEqual(['cp .env.example .env', 'npx prisma migrate deploy']);
    expect(commandsOf(tests)).toEqual(['npm test -- --ci']);
    expect(found).toEqual([
      `Postgres 16 and Redis 7.2 from ${ci}`,
      `Node 22 from ${ci}`,
      `2 variables from ${ci}: NODE_ENV, DATABASE_URL`,
      `2 commands that prepare the tests from ${ci}: \`cp .env.example .env\`, \`npx prisma migrate deploy\``,
      `1 test command from ${ci}: \`npm test -- --ci\``,
    ]);
  });

  test('have no port on the host in a job with a container, whose image is the toolchain', async () => {
    const { services, toolchains } = await describeJobs(`
  test:
    runs-on: ubuntu-latest
    container: node:20-bookworm
    services: {mongo: {image: "mongo:7"}}
    steps:
${step('run: yarn test')}`);
    expect(services).toMatchObject([{ kind: 'mongodb', hosts: ['mongo'], ports: [27017] }]);
    expect(toolchains).toEqual([{ name: 'node', version: '20', source: ci }]);
  });

  test('may take their image from the matrix, or be absent for a value of it', async () => {
    const { services, variables } = await describeJobs(`
  test:
    runs-on: ubuntu-latest
    strategy: {matrix: {pg: [13, 16], cache: [false]}}
    services:
      postgres: {image: "postgres:\${{ matrix.pg }}", ports: ["5432"]}
      redis: {image: "\${{ matrix.cache && 'redis:7' || '' }}"}
    steps:
${step(`run: npm test\n        env:\n          PORT_OF_DB: \${{ job.services.postgres.ports['5432'] }}`)}`);
    expect(services.map(({ image }) => image)).toEqual(['postgres:16']);
    expect(variables).toEqual({ PORT_OF_DB: '5432' });
  });

  test('come from well-known actions', async () => {
    const { services } = await describeJobs(
      job(
        'test',
        'uses: supercharge/mongodb-github-action@1.11.0\n        with: {mongodb-version: "7.0", mongodb-replica-set: rs0, mongodb-port: 27018}',
        'uses: supercharge/redis-github-action@1.8.0\n        with: {redis-version: 7}',
        'uses: harmon758/postgresql-action@v1\n        with: {postgresql version: "11", postgresql db: shop, postgresql user: u, postgresql password: p}',
        'uses: mirromutth/mysql-action@v1.1\n        with: {mysql version: "8.0", mysql database: shop, mysql root password: root}',
        'run: npm test',
      ),
    );
    expect(services).toMatchObject([
      { kind: 'mongodb', version: '7.0', ports: [27017, 27018], arguments: ['--replSet', 'rs0'] },
      { kind: 'redis', version: '7' },
      {
        kind: 'postgres',
        version: '11',
        variables: { POSTGRES_DB: 'shop', POSTGRES_USER: 'u', POSTGRES_PASSWORD: 'p' },
      },
      { kind: 'mysql', version: '8.0', variables: { MYSQL_DATABASE: 'shop', MYSQL_ROOT_PASSWORD: 'root' } },
    ]);
  });

  test("come from docker run, and from what GitHub's machines only start", async () => {
    const { services } = await describeJobs(
      job(
        'test',
        'run: docker run -d --name pg -p 5432:5432 -e POSTGRES_PASSWORD=x postgres:15 -c fsync=off',
        'run: sudo systemctl start mysql.service',
        'run: docker run --rm -v $PWD:/w hadolint/hadolint',
        'run: go test ./...',
      ),
    );
    expect(services).toMatchObject([
      {
        name: 'pg',
        kind: 'postgres',
        version: '15',
        arguments: ['-c', 'fsync=off'],
        variables: { POSTGRES_PASSWORD: 'x' },
      },
      { kind: 'mysql', version: null, variables: { MYSQL_ROOT_PASSWORD: 'root' } },
    ]);
  });

  test('come from the compose file that CI starts, with what the chosen ones depend on', async () => {
    const compose = `services:
  postgres: {image: "postgres:14", environment: [POSTGRES_PASSWORD=pw], ports: ["5432:5432"]}
  redis: {image: "redis:6"}
  kafka: {image: "apache/kafka:3.8.0"}
  queue: {image: "redis:6", depends_on: [postgres]}
`;
    const { services } = await describeJobs(
      job('test', 'run: docker compose -f infra/test.yml up -d --wait queue', 'run: npm test'),
      {
        'infra/test.yml': compose,
      },
    );
    expect(services.map(({ name }) => name)).toEqual(['postgres', 'queue']);
    const all = await describeJobs(job('test', 'run: docker-compose up -d', 'run: npm test'), {
      'docker-compose.yml': compose,
    });
    expect(all.services.map(({ kind }) => kind)).toEqual(['postgres', 'redis', 'other', 'redis']);
  });

  test('come from the compose file by names in a variable', async () => {
    const { services } = await describeJobs(
      job('test', `run: docker compose up -d $SERVICES\n        env: {SERVICES: "db"}`, 'run: npm test'),
      { 'compose.yaml': 'services: {db: {image: "postgres:16"}, other: {image: "mysql:8"}}' },
    );
    expect(services.map(({ name }) => name)).toEqual(['db']);
  });

  test('come from a package script that calls Docker, and tests from a command in a container', async () => {
    const { services, tests } = await describeJobs(
      job(
        'test',
        'run: npm run db:up',
        'run: docker compose run --rm -e CI=1 app python manage.py test --parallel',
      ),
      {
        'package.json': JSON.stringify({ scripts: { 'db:up': 'docker compose up -d db' } }),
        'compose.yaml': 'services:\n  db: {image: "mariadb:11"}\n  app: {build: ., depends_on: [db]}\n',
      },
    );
    expect(services).toMatchObject([{ name: 'db', kind: 'mariadb', version: '11' }]);
    expect(commandsOf(tests)).toEqual(['python manage.py test --parallel']);
  });
});

describe('variables', () => {
  test('have the values of workflow, job and step, without secrets and tokens', async () => {
    const { variables, unclear } = await describeFiles({
      [ci]: `on: push
env: {A: "1", KEY: "\${{ secrets.KEY }}", TOKEN: "\${{ github.token }}", WITH_DEFAULT: "\${{ secrets.X || 'test' }}"}
jobs:
  test:
    runs-on: ubuntu-latest
    env: {B: "\${{ env.A }}-b", URL: "https://x:\${{ secrets.PASSWORD }}@example.org", CODECOV_TOKEN: "\${{ secrets.CODECOV_TOKEN }}", MODE: "\${{ github.event_name }}"}
    steps:
${step('run: echo "FROM_STEP=yes" >> $GITHUB_ENV', 'run: echo "SHA=$(git rev-parse HEAD)" >> "$GITHUB_ENV"', 'run: npm test\n        env: {C: "3"}')}`,
    });
    expect(variables).toEqual({
      A: '1',
      WITH_DEFAULT: 'test',
      B: '1-b',
      MODE: 'push',
      FROM_STEP: 'yes',
      C: '3',
    });
    expect(unclear).toEqual([`${ci}: the tests run without KEY, URL, because CI takes them from secrets.`]);
  });

  test('that differ between test steps stand before their commands', async () => {
    const { variables, tests } = await describeJobs(
      job(
        'test',
        'run: npm test\n        env: {DB: sqlite, LOG: "0"}',
        "run: npm test\n        env: {DB: postgres it's}",
      ),
    );
    expect(variables).toEqual({ LOG: '0' });
    expect(commandsOf(tests)).toEqual(['DB=sqlite npm test', "DB='postgres it'\\''s' npm test"]);
  });

  test('of a preparing step hold for it alone', async () => {
    const { variables, preparation } = await describeJobs(
      job('test', 'run: npm run build\n        env: {NODE_ENV: production}', 'run: npm test'),
    );
    expect(variables).toEqual({});
    expect(commandsOf(preparation)).toEqual(['export NODE_ENV=production\nnpm run build']);
  });

  test('of the machine and of the registries are left out', async () => {
    const { variables } = await describeJobs(
      job(
        'test',
        'run: npm test\n        env: {PATH: /x, npm_config_registry: "https://example.org", HTTPS_PROXY: "http://p", LD_PRELOAD: x, OK: "1"}',
      ),
    );
    expect(variables).toEqual({ OK: '1' });
  });
});

describe('the job that tests', () => {
  test('has services rather than none; another one that agrees adds its tests', async () => {
    const { tests, services, variables } =
      await describeJobs(`${job('lint', 'run: npm run lint')}${job('unit', 'run: npm run test:unit')}
  integration:
    runs-on: ubuntu-latest
    services: {postgres: {image: "postgres:15"}}
    env: {DATABASE_URL: "postgres://localhost/x"}
    steps:
${step('run: npm run test:integration')}${job('deploy', 'run: npm test', 'run: npm run deploy')}`);
    expect(commandsOf(tests)).toEqual(['npm run test:integration', 'npm run test:unit']);
    expect(services).toHaveLength(1);
    expect(variables).toEqual({ DATABASE_URL: 'postgres://localhost/x' });
  });

  test('keeps the variables of a job in another workflow at its own commands', async () => {
    const { tests, variables } = await describeFiles({
      [ci]: `on: push\njobs:\n${job('test', 'run: npm test\n        env: {A: "1"}')}`,
      '.github/workflows/web.yml': `on: push\njobs:\n${job('web', 'run: npm run test:web\n        env: {A: "1", B: "2"}')}`,
    });
    expect(variables).toEqual({ A: '1' });
    expect(commandsOf(tests)).toEqual(['npm test', 'B=2 npm run test:web']);
  });

  test('is named when it disagrees', async () => {
    const { tests, unclear } = await describeJobs(`
  postgres:
    runs-on: ubuntu-latest
    env: {DB: pg}
    services: {db: {image: "postgres:15"}}
    steps:
${step('run: npm run test:pg')}
  mysql:
    runs-on: ubuntu-latest
    env: {DB: my}
    services: {mysql: {image: "mysql:8"}}
    steps:
${step('run: npm run test:my')}`);
    expect(commandsOf(tests)).toEqual(['npm run test:pg']);
    expect(unclear).toEqual([
      `${ci}: the job mysql was left out, because it has another value of DB than the job postgres.`,
    ]);
  });

  test('joins although its version of a toolchain differs, which is named', async () => {
    const { tests, toolchains, unclear } = await describeJobs(
      job('test', 'uses: actions/setup-node@v4\n        with: {node-version: 24}', 'run: npm test') +
        job(
          'typings',
          'uses: actions/setup-node@v4\n        with: {node-version: 22}',
          'run: npm run test:more',
        ),
    );
    expect(commandsOf(tests)).toEqual(['npm test', 'npm run test:more']);
    expect(toolchains).toMatchObject([{ version: '24' }]);
    expect(unclear).toEqual([
      `${ci}: the tests of the job typings run with the version of the other job, although it asks for node 22 and the job test for 24.`,
    ]);
  });

  test('may have two servers of one image; another job may name one of them differently', async () => {
    const { services } = await describeJobs(`
  test:
    runs-on: ubuntu-latest
    services:
      primary: {image: "redis:7", ports: ["6379:6379"]}
      replica: {image: "redis:7", ports: ["6380:6379"]}
    steps:
${step('run: npm test')}
  e2e:
    runs-on: ubuntu-latest
    services: {cache: {image: "redis:7", ports: ["6380:6379"]}}
    steps:
${step('run: npm run test:e2e')}`);
    expect(services.map(({ hosts, ports }) => [hosts, ports])).toEqual([
      [['primary'], [6379]],
      [
        ['replica', 'cache'],
        [6379, 6380],
      ],
    ]);
  });

  test('runs on Linux where one does, and not in a browser', async () => {
    const { tests } = await describeJobs(`
  windows:
    runs-on: windows-latest
    steps:
${step('run: npm run test:windows')}
  browser:
    runs-on: ubuntu-latest
    steps:
${step('run: npx playwright test')}
  linux:
    runs-on: [self-hosted, linux]
    steps:
${step('run: npm test')}`);
    expect(commandsOf(tests)).toEqual(['npm test']);
  });

  test('counts although its condition depends on changed files', async () => {
    const { tests } = await describeJobs(`
  changes:
    runs-on: ubuntu-latest
    outputs: {api: "\${{ steps.filter.outputs.api }}"}
    steps:
${step('uses: dorny/paths-filter@v3\n        id: filter')}
  test:
    needs: changes
    if: contains(fromJSON(needs.changes.outputs.list), 'api')
    runs-on: ubuntu-latest
    steps:
${step(`run: npm test\n        if: \${{ needs.changes.outputs.api == 'true' }}`)}
  never:
    if: \${{ false }}
    runs-on: ubuntu-latest
    steps:
${step('run: npm run test:never')}`);
    expect(commandsOf(tests)).toEqual(['npm test']);
  });

  test('gets what the job before it built, if it downloads that', async () => {
    const { toolchains, preparation, installs } =
      await describeJobs(`${job('build', 'uses: actions/setup-node@v4\n        with: {node-version: 20}', 'run: yarn install --immutable', 'run: yarn build', 'uses: actions/upload-artifact@v4')}
  test:
    needs: build
    runs-on: ubuntu-latest
    steps:
${step('uses: actions/download-artifact@v4', 'run: yarn test:unit')}`);
    expect(toolchains).toMatchObject([{ name: 'node', version: '20' }]);
    expect(commandsOf(installs)).toEqual(['yarn install --immutable']);
    expect(commandsOf(preparation)).toEqual(['yarn build']);
  });
});
