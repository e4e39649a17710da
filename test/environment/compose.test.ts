import { describe, expect, test } from '@jest/globals';
import { replaceVariables } from '../../src/environment/compose/env-file.js';
import { openFiles } from '../../src/environment/open-files.js';
import { readServiceCommand } from '../../src/environment/services/find-service-commands.js';
import { ci, describeFiles, treeOf } from './tree.js';

describe('a compose file', () => {
  test('describes the services, and the variables of the application', async () => {
    const { services, variables, found } = await describeFiles({
      'docker-compose.yml': `x-common: &common {restart: always, environment: &env {DATABASE_URL: "postgres://\${DB_USER}:\${DB_PASSWORD:-pw}@db:5432/shop"}}
services:
  db:
    <<: *common
    image: postgres:\${PG_VERSION-16}
    container_name: shop-db
    environment:
      - POSTGRES_USER=\${DB_USER}
      - POSTGRES_PASSWORD=\${DB_PASSWORD:-pw}
    ports: [{target: 5432, published: 5433}]
    command: postgres -c max_connections=200
    networks: {back: {aliases: [database]}}
  cache:
    image: redis:7
    command: ["redis-server", "--requirepass", "x"]
  admin: {image: adminer}
  mail: {image: mailhog/mailhog}
  api:
    build: .
    depends_on: [db]
    env_file: [.env.api]
    environment: {<<: *env, REDIS_HOST: cache, OTHER_HOST: elsewhere, EMPTY: "\${NOTHING}", NODE_ENV: development}
  web: {build: ./web, environment: [WEB=1]}
`,
      '.env.example': 'DB_USER=app # the user\nPG_VERSION=15\n',
      '.env.api.example': 'export FROM_FILE="yes"\n',
    });
    expect(services).toEqual([
      {
        name: 'db',
        kind: 'postgres',
        image: 'postgres:15',
        version: '15',
        hosts: ['db', 'shop-db', 'database'],
        ports: [5432, 5433],
        variables: { POSTGRES_USER: 'app', POSTGRES_PASSWORD: 'pw' },
        arguments: ['-c', 'max_connections=200'],
        source: 'docker-compose.yml',
      },
      expect.objectContaining({
        name: 'cache',
        kind: 'redis',
        arguments: ['--requirepass', 'x'],
        ports: [6379],
      }),
    ]);
    expect(variables).toEqual({
      DATABASE_URL: 'postgres://app:pw@db:5432/shop',
      FROM_FILE: 'yes',
      REDIS_HOST: 'cache',
    });
    expect(found[0]).toBe('Postgres 15 and Redis 7 from docker-compose.yml');
  });

  const redis = (version: number) => `services: {redis: {image: "redis:${version}"}}`;
  test.each([
    [{ 'compose.yaml': redis(5), 'docker-compose.test.yml': redis(7) }, '7'],
    [{ 'compose.yaml': redis(5), 'compose.prod.yml': redis(7) }, '5'],
    [{ 'docker-compose.yml': redis(5), 'docker-compose.dev.yml': redis(7) }, '5'],
    [{ 'docker/docker-compose.yml': redis(6) }, '6'],
    [{ 'src/shop/test/docker-compose.yml': redis(5), 'docs/demo/docker-compose.yml': redis(7) }, '5'],
    [{ 'docker-compose.test.yml': 'services: {app: {build: .}}', 'docker-compose.yml': redis(6) }, '6'],
    [{ 'compose.yml': 'include: [infra/redis.yml]', 'infra/redis.yml': redis(4) }, '4'],
    [
      {
        'compose.yml': 'services: {redis: {extends: {file: base.yml, service: redis}}}',
        'base.yml': redis(3),
      },
      '3',
    ],
    [
      {
        'docker-compose.yml': 'services: {redis: {image: "redis:6"}}',
        'docker-compose.override.yml': 'services: {redis: {image: "redis:6.2"}}',
      },
      '6.2',
    ],
  ])('%j gives Redis %s', async (files, version) => {
    const { services } = await describeFiles(files as Record<string, string>);
    expect(services.map((service) => service.version)).toEqual([version]);
  });

  test('does not count where CI has services, and its variables not where CI tests', async () => {
    const compose = 'services: {db: {image: "postgres:12"}, app: {build: ., environment: {A: "1"}}}';
    const jobs = (services: string) =>
      `on: push\njobs: {test: {runs-on: ubuntu-latest, ${services} steps: [{run: npm test}]}}`;
    const withServices = await describeFiles({
      'compose.yml': compose,
      [ci]: jobs('services: {pg: {image: "postgres:17"}},'),
    });
    expect(withServices.services).toMatchObject([{ name: 'pg', version: '17' }]);
    const without = await describeFiles({ 'compose.yml': compose, [ci]: jobs('') });
    expect(without.services).toMatchObject([{ name: 'db', version: '12' }]);
    expect(without.variables).toEqual({});
  });

  test('of a devcontainer counts where the root has none', async () => {
    const { services, variables } = await describeFiles({
      '.devcontainer/devcontainer.json':
        '{"dockerComposeFile": "../.devcontainer/dev.yml", "service": "app", "remoteEnv": {"B": "2"}}',
      '.devcontainer/dev.yml': 'services: {app: {build: .}, db: {image: "mysql:8.4"}}',
    });
    expect(services).toMatchObject([{ kind: 'mysql', version: '8.4' }]);
    expect(variables).toEqual({ B: '2' });
  });
});

test('the files that a database runs at its first start prepare the tests', async () => {
  const { preparation, services } = await describeFiles({
    'docker/compose.yml': `services:
  db:
    image: postgres:16
    environment: {POSTGRES_USER: app, POSTGRES_PASSWORD: "a b"}
    volumes: ["./init:/docker-entrypoint-initdb.d:ro", "data:/var/lib/postgresql/data"]
  old:
    build: ./old
    ports: ["5433:5432"]
  my:
    image: mysql:8
    environment: {MYSQL_ROOT_PASSWORD: root, MYSQL_DATABASE: shop}
    volumes:
      - {type: bind, source: ../schema.sql, target: /docker-entrypoint-initdb.d/2.sql}
      - ./users.sh:/docker-entrypoint-initdb.d/1.sh
  cache: {image: "redis:7", volumes: ["./init:/docker-entrypoint-initdb.d"]}
`,
    'docker/init/b.sql': '',
    'docker/init/a.sh': '',
    'docker/init/notes.md': '',
    'docker/init/more/c.sql': '',
    'docker/old/Dockerfile':
      'FROM postgres:12\nCOPY --chmod=644 roles.sql extra.txt /docker-entrypoint-initdb.d/\nCOPY --from=x y.sql /docker-entrypoint-initdb.d/',
    'docker/old/roles.sql': '',
    'docker/old/y.sql': '',
    'docker/users.sh': '',
    'schema.sql': '',
  });
  expect(services.map(({ initScripts }) => initScripts)).toEqual([
    ['docker/init/a.sh', 'docker/init/b.sql'],
    ['docker/old/roles.sql'],
    ['docker/users.sh', 'schema.sql'],
    undefined,
  ]);
  const app = "PGHOST=db PGPORT=5432 PGUSER=app PGDATABASE=app PGPASSWORD='a b'";
  const psql = 'psql --no-psqlrc -v ON_ERROR_STOP=1 -f';
  expect(preparation.map(({ command }) => command)).toEqual([
    `${app} POSTGRES_USER=app POSTGRES_DB=app POSTGRES_PASSWORD='a b' bash docker/init/a.sh`,
    `${app} ${psql} docker/init/b.sql`,
    `PGHOST=old PGPORT=5432 PGUSER=postgres PGDATABASE=postgres ${psql} docker/old/roles.sql`,
    'MYSQL_PWD=root MYSQL_ROOT_PASSWORD=root MYSQL_DATABASE=shop MYSQL_HOST=my bash docker/users.sh',
    'MYSQL_PWD=root mysql -h my -P 3306 -u root shop < schema.sql',
  ]);
});

test.each([
  ['{context: db, dockerfile: pg.Dockerfile, args: {V: 14}}', '14'],
  ['{context: db, dockerfile: pg.Dockerfile, target: old}', '12'],
  ['{context: ., dockerfile_inline: "FROM postgres:13"}', '13'],
  ['../db', undefined],
  ['app', undefined],
])('a server that is built from %s has version %s', async (build, version) => {
  const { services } = await describeFiles({
    'compose.yml': `services: {db: {build: ${build}}}`,
    'db/pg.Dockerfile': 'FROM postgres:12 AS old\nARG V=16\nFROM docker.io/library/postgres:$V\n',
    'db/Dockerfile': 'FROM postgres:11',
    'app/Dockerfile': 'FROM node:22',
  });
  expect(services.map((service) => service.version)).toEqual(version ? [version] : []);
});

test.each([
  [`$A-\${A}-$$A`, '1-1-$A'],
  [`\${B:-x}\${B-y}\${C:-z}\${C-w}`, 'xyz'],
  [`\${A:+set}\${B:+set}`, 'set'],
  [`\${A:?needed}`, '1'],
  [`\${B:-\${A}}`, '1'],
  [`\${`, `\${`],
])('%s becomes %s', (text, expected) => {
  expect(replaceVariables(text, { A: '1', C: '' })).toBe(expected);
});

test('variables cannot fill the memory', async () => {
  const values = { A: 'x'.repeat(30_000) };
  expect(replaceVariables('$A'.repeat(50_000), values)).toHaveLength(60_000);
  const text = '$A '.repeat(3000);
  const place = { folder: '', source: ci, variables: values };
  const { services } = await readServiceCommand(
    `docker run -d redis:7 ${text}`,
    place,
    openFiles(treeOf({})),
  );
  expect(services[0]?.arguments.filter((word) => word.length > 2)).toHaveLength(2);
});

test('the servers of several packages count together, and one of two on a port is named', async () => {
  const { services, unclear, found } = await describeFiles({
    'packages/a/package.json': '{}',
    'packages/a/docker-compose.yml': 'services: {db: {image: "postgres:16", ports: ["5432:5432"]}}',
    'packages/b/package.json': '{}',
    'packages/b/docker-compose.yml':
      'services: {db: {image: "redis:7", ports: ["6379:6379"]}, pg: {image: "postgres:12", ports: ["5432:5432"]}}',
    'packages/c/docker-compose.yml': 'services: {db: {image: "mysql:8"}}',
    'packages/dev-infra/docker-compose.yml':
      'services: {more: {image: "valkey/valkey:9", ports: ["6380:6379"]}}',
  });
  expect(services.map(({ image }) => image)).toEqual(['postgres:16', 'redis:7', 'valkey/valkey:9']);
  expect(found[2]).toBe('Valkey 9 from packages/dev-infra/docker-compose.yml');
  expect(unclear).toEqual([
    'packages/b/docker-compose.yml: the service pg was left out, because that of packages/a/docker-compose.yml has its port.',
  ]);
});

describe('several containers', () => {
  test('has no server that only waits for another one', async () => {
    const { services, found } = await describeFiles({
      'docker-compose.yml': `services:
  db: {image: "postgres:16"}
  wait: {image: "postgres:16", command: "/bin/bash -c 'until psql -h db; do sleep 5; done'"}
  ready: {image: "mysql:8", command: [docker-entrypoint.sh, mysqladmin, ping]}
  cache: {image: "redis:7", command: "sh -c 'redis-server --port 7000'"}
  tuned: {image: "mysql:8", command: "--wait-timeout=5"}
`,
    });
    expect(services.map(({ name }) => name)).toEqual(['db', 'cache', 'tuned']);
    expect(found).toEqual(['Postgres 16, Redis 7 and MySQL 8 from docker-compose.yml']);
  });

  test('of one version are counted', async () => {
    const { found } = await describeFiles({
      'docker-compose.yml':
        'services: {a: {image: "redis:7"}, b: {image: "redis:7", ports: ["7000:6379"]}, c: {image: "redis:6"}}',
    });
    expect(found).toEqual(['2 × Redis 7 and Redis 6 from docker-compose.yml']);
  });

  test('with the most common database comes first among those of one kind', async () => {
    const compose = (image: string) => `services: {db: {image: "${image}"}}`;
    const { services } = await describeFiles({
      'docker-compose.document.yml': compose('mongo:7'),
      'docker-compose.relational.yml': compose('postgres:16'),
      'compose.cache.yml': compose('redis:7'),
    });
    expect(services).toMatchObject([{ kind: 'postgres', source: 'docker-compose.relational.yml' }]);
    const tested = {
      'docker-compose.test.yml': compose('mongo:7'),
      'docker-compose.yml': compose('postgres:16'),
    };
    expect((await describeFiles(tested)).services).toMatchObject([{ kind: 'mongodb' }]);
  });
});
